// Programs of support/, run to their end in a room.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { openRoom } from '../e2e/session.js';

/** How long all of it may take. */
const LIFE_LIMIT_MS = 120_000;

/** How long a process may go on after its end was asked for. What it takes is far less. */
const END_LIMIT_MS = 30_000;

export type Ended = {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

export async function openServedRoom(t: TestContext): Promise<string> {
  const room = await openRoom(t);
  const signalling = await serveRoom(room);
  t.after(() => signalling.close());
  return signalling.url;
}

/** Runs a program; `then` is called once it says that everything flows. */
export async function runLife(
  name: string,
  args: string[],
  {
    then,
    flags = [],
    env = {},
    endsWithinMs = END_LIMIT_MS,
  }: {
    then?: (pid: number) => void | Promise<void>;
    flags?: string[];
    env?: NodeJS.ProcessEnv;
    endsWithinMs?: number;
  } = {},
): Promise<Ended> {
  const program = fileURLToPath(new URL(`./support/${name}`, import.meta.url));
  const child = spawn(process.execPath, [...flags, program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIFE_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let limit: NodeJS.Timeout | undefined;
  const output = { stdout: '', stderr: '' };
  let isTold = false;
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      if (isTold || !output.stdout.includes('flows\n')) return;
      isTold = true;
      limit = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
      void then?.(Number(child.pid));
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(limit);
  return { code, signal, ...output };
}
