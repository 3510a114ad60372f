// Programs as users of mediasoup-client-aiortc write them: what is installed for them, and a room on a real server for each.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createRoom } from '../../e2e/support/room.mjs';
import type { Room, RoomOptions } from '../../e2e/support/room.mjs';
import { serveRoom } from '../../e2e/support/signalling.mjs';

export const root: string = path.resolve(import.meta.dirname, '../../..');

/** What is seen at the server when an app says, by a line of that name, that it has reached a step. */
export type Steps = Record<string, (room: Room) => Promise<void>>;

/** Installs in a folder what apps need, with mediasoup-client-aiortc being the package that is at `aiortc`. */
export function install(folder: string, aiortc: string = root): void {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(aiortc, path.join(modules, 'mediasoup-client-aiortc'));
  for (const name of ['mediasoup-client', 'fake-mediastreamtrack', '@types']) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
}

/** Runs an app in a room of its own to its end, by itself and without a complaint; gives what it says at its end. */
export async function runApp(
  program: string,
  args: string[],
  steps: Steps = {},
  options: RoomOptions = {},
): Promise<Record<string, unknown>> {
  const room = await createRoom(options);
  const signalling = await serveRoom(room);
  const child = spawn(process.execPath, [program, signalling.url, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 150_000,
    // They ask for warnings: in a healthy session there is none but mediasoup-client's of a producer that is closed right
    // before its transport.
    env: { ...process.env, DEBUG: '*:WARN*,*:ERROR*,-mediasoup-client:WARN:Transport' },
  });
  try {
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    const said: string[] = [];
    const missing = new Set(Object.keys(steps));
    for await (const line of createInterface({ input: child.stdout })) {
      const step = steps[line];
      if (!step) {
        said.push(line);
        continue;
      }
      await step(room);
      missing.delete(line);
      child.stdin.write('go on\n');
    }
    const outcome = await ended;
    const states = [...room.server.transports.values()].map(
      ({ iceState, dtlsState, sctpState }) => `${iceState}, ${dtlsState}, ${sctpState}`,
    );
    const all = [...said, complaint, 'transports of the server:', ...states].join('\n');
    assert.deepEqual(outcome, [0, null], all);
    assert.deepEqual([...missing], []);
    assert.equal(complaint, '');
    assert.equal(said.length, 1, all);
    return JSON.parse(said[0] ?? '') as Record<string, unknown>;
  } finally {
    child.kill('SIGKILL');
    await signalling.close();
    await room.close();
  }
}
