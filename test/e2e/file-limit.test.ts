// The limit of open files, reached while sources play and recordings go on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { folder } from './recordings.js';
import { fixture } from './session.js';

const script = fileURLToPath(new URL('support/file-limit.mjs', import.meta.url));

test('at the limit of open files what is asked for says which to raise, what is open goes on, and it works again after', async (t) => {
  const { stdout, stderr } = await promisify(execFile)(
    'prlimit',
    [
      ...['--nofile=100', '--', process.execPath, script],
      ...[fixture('red-440hz.mp4'), path.join(folder(t), 'sound')],
    ],
    { env: { ...process.env, DEBUG: 'mediasoup-client-aiortc:ERROR:*' } },
  );
  const { refused, frames, states } = JSON.parse(stdout) as {
    refused: Record<string, string>;
    frames: number[];
    states: string[];
  };
  for (const [what, said] of Object.entries(refused)) {
    assert.match(said, /too many open files|may have no more files/, what);
    assert.match(said, /ulimit -n/, what);
  }
  assert.deepEqual(states, ['failed', 'connected']);
  assert.match(stderr, /a peer connection could not be opened: .*too many open files.*ulimit -n/);
  // W3C's error of what is there but can't be had now.
  assert.match(refused['source'] ?? '', /^NotReadableError/);
  for (const count of frames) assert.ok(count > 20, `${count} frames`);
});
