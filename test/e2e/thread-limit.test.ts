// The limit of threads, reached while a source plays: Go does not survive to get none.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import os from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copied } from '../sources/support/clips.mjs';
import { listen } from '../sources/support/listening.js';
import { fixture } from './session.js';
import { assertAdministrator } from './support/administrator.mjs';

const script = fileURLToPath(new URL('support/thread-limit.mjs', import.meta.url));
/** A user of whom there is nothing else, of another run neither: its limit counts for all that it runs. */
const nobody = String(61_000 + (process.pid % 4000));

test('at the limit of threads what is asked for is refused and says which to raise, what is open goes on, and it works again after', async (t) => {
  assertAdministrator('runs as a user of its own');
  const sound = await copied(fixture('red-440hz.mp4'), '-vn', '-f', 'mpegts');
  const server = http.createServer((_, response) => {
    // Each source plays a while, and then waits for more.
    response.writeHead(200, { 'content-length': sound.length });
    response.write(sound.subarray(0, sound.length / 2));
  });
  const port = await listen(t, server);
  const { stdout } = await promisify(execFile)(
    'prlimit',
    [
      ...['--nproc=75', '--', 'setpriv', '--reuid', nobody, '--clear-groups'],
      ...['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'],
      ...[process.execPath, script, `http://127.0.0.1:${port}`, fixture('tone.wav')],
    ],
    { env: { ...process.env, HOME: os.tmpdir() } },
  );
  const { opened, taken, refused, again } = JSON.parse(stdout) as {
    opened: number;
    taken: number;
    refused: Record<string, string | undefined>;
    again: string;
  };
  assert.ok(opened >= 5 && opened < 75, `${opened} were opened`);
  assert.ok(taken < 75, `${taken} were opened at once`);
  assert.match(refused['one'] ?? '', /^NotReadableError: .*no more threads.*ulimit -u.*pids\.max/);
  assert.match(refused['many'] ?? '', /no more threads/);
  assert.equal(again, 'live');
});
