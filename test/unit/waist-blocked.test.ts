// A JavaScript thread that does nothing for seconds, while the core has much to tell.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('waist/blocked.ts', import.meta.url));
const COUNT = 400_000;

type Outcome = {
  /** More memory than before, while the thread did nothing, in bytes. */
  grown: number;
  /** What waited when it went on. */
  queuedBytes: number;
  logLinesDropped: number;
  eventsMerged: number;
  /** The last state that it was told of. */
  lastState: string;
  states: number;
};

test('a blocked thread of JavaScript with debug logs does not let the core grow, and is told what was left out', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', program, String(COUNT)],
    {
      env: { ...process.env, DEBUG: 'mediasoup-client-aiortc*' },
      maxBuffer: 64 << 20,
      timeout: 120_000,
      killSignal: 'SIGKILL',
    },
  );
  const outcome = JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Outcome;
  const output = stdout + stderr;
  assert.ok(outcome.grown < 64e6, `${outcome.grown / 1e6} MB more while it was blocked`);
  assert.ok(outcome.queuedBytes < 2e6, `${outcome.queuedBytes} bytes waited`);
  assert.ok(outcome.logLinesDropped > COUNT / 2, `${outcome.logLinesDropped} lines were left out`);
  // 16 that waited and the newest.
  assert.equal(outcome.states, 17);
  assert.equal(outcome.lastState, String(COUNT - 1));
  assert.equal(outcome.eventsMerged, COUNT - 17);
  // What matters more than debug was logged, and how many lines were left out.
  assert.match(output, /the flood has ended/);
  const told = [...output.matchAll(/(\d+) lines were left out/g)].map(([, lines]) => Number(lines));
  assert.equal(
    told.reduce((sum, lines) => sum + lines, 0),
    outcome.logLinesDropped,
  );
});
