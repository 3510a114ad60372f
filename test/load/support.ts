// A server for bots in this process, and the command that is to put it under load.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { serveBots } from '../../demo/server/serve-bots.mjs';
import type { Second, Summary } from '../../lib/cli/load/summary.js';
import { openRoom, until } from '../e2e/session.js';

const program = path.resolve(import.meta.dirname, '../../dist/cli.mjs');
/** Of a command: what it takes beyond its own time on a busy machine. */
const LIMIT_MS = 180_000;

export type Ended = {
  status: number;
  stdout: string;
  stderr: string;
  seconds: Second[];
  /** Throws where there is none. */
  summary: Summary;
};

export type Running = {
  /** Resolves once a second that it tells of is such a one. */
  tells(what: string, holds: (second: Second) => boolean): Promise<void>;
  /** Where its metrics are, once they are. */
  metrics: Promise<string>;
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
};

/** Bots that leave when they are told to, or not at all. */
export const TWO_THAT_STAY: readonly string[] = [
  ...['--bots', '2', '--ramp', '0', '--duration', '600', '--no-video'],
];

export function start(args: string[], env: NodeJS.ProcessEnv = {}): Running {
  let child: ReturnType<typeof execFile> | undefined;
  let found: (url: string) => void;
  const metrics = new Promise<string>((resolve) => (found = resolve));
  const ended = new Promise<Ended>((resolve, reject) => {
    const options = {
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 26,
      env: { ...process.env, JOB_COMPLETION_INDEX: '', ...env },
    };
    if (env['JOB_COMPLETION_INDEX'] === undefined)
      delete (options.env as NodeJS.ProcessEnv)['JOB_COMPLETION_INDEX'];
    child = execFile(
      process.execPath,
      [program, 'load', ...args],
      options,
      (error, stdout, stderr) => {
        const status = error ? error.code : 0;
        if (typeof status === 'number') resolve(endedOf(status, stdout, stderr));
        else
          reject(
            new Error(`${args.join(' ')}: did not end by itself\n${stdout}${stderr}`, {
              cause: error,
            }),
          );
      },
    );
    child.stderr?.on('data', (text: string) => {
      const url = /metrics at (\S+)/.exec(text)?.[1];
      if (url) found(url);
    });
  });
  let last: Second | undefined;
  if (child?.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"type":"second"')) last = JSON.parse(line) as Second;
    });
  }
  const tells = (what: string, holds: (second: Second) => boolean) =>
    until(what, () => last && holds(last));
  return { metrics, tells, ended, kill: (signal) => child?.kill(signal) };
}

export const load = (args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> =>
  start(args, env).ended;

function endedOf(status: number, stdout: string, stderr: string): Ended {
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Second | Summary);
  return {
    ...{ status, stdout, stderr },
    seconds: lines.filter((line) => line.type === 'second'),
    get summary() {
      const found = lines.find((line) => line.type === 'summary');
      if (!found) throw new Error(`there is no summary:\n${stdout}${stderr}`);
      return found;
    },
  };
}

export async function openServer(t: TestContext, options: object = {}, served: object = {}) {
  const room = await openRoom(t, options);
  const bots = await serveBots({ room, host: '127.0.0.1', ...served });
  t.after(() => bots.close());
  return { room, bots, url: bots.url };
}

export function folderOf(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'load-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}
