// worker_threads with everything at work in them, ended at random moments.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from 'mediasoup-client-pion';
import { folder } from '../e2e/recordings.js';
import { openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { mulberry32 } from '../e2e/support/random.mjs';
import { Participant, heldBy, isLong } from './participants.js';
import type { Held } from './participants.js';
import { STEPS } from './support/live.mjs';

const THREADS = isLong ? 500 : 8;
const AT_A_TIME = 3;
const WARM_UP = 4;
const seed = Number(process.env['SEED'] ?? 1);
const random = mulberry32(seed);
/** How long after a step a thread is terminated, at most: about as long as a step takes. */
const LATER_MS = 60;
const SETTLE_MS = 20_000;

const recording = (at: string, name: number) => path.join(at, `${name}.webm`);

async function terminatedAtRandom(room: Room, file: string): Promise<void> {
  const step = STEPS[Math.floor(random() * STEPS.length)] ?? 'flowing';
  const later = random() * LATER_MS;
  const participant = await Participant.start(room, file);
  await participant.reach(step);
  await sleep(later);
  await participant.terminate();
}

/** Ends threads as often, and returns how much memory the second half of them added, in MB for each. */
async function terminateOften(room: Room, at: string, times: number): Promise<number> {
  let [started, middle] = [0, 0];
  const next = async () => {
    while (started < times) {
      const number = started++;
      if (number === times >> 1) middle = process.memoryUsage.rss();
      await terminatedAtRandom(room, recording(at, number));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, next));
  return (process.memoryUsage.rss() - middle) / 1e6 / (times / 2);
}

/** Waits until there is no more than before. Threads of Go stay, to be used again. */
async function assertNothingLeft(witness: Participant, before: Held): Promise<void> {
  let now = before;
  const isLess = async () => {
    now = await heldBy(witness);
    const system = now.threads - now.goThreads <= before.threads - before.goThreads;
    return system && now.goroutines <= before.goroutines && now.files <= before.files;
  };
  await until('nothing is left', isLess, { timeoutMs: SETTLE_MS, everyMs: 100 }).catch(() =>
    assert.fail(`before: ${JSON.stringify(before)}, now: ${JSON.stringify(now)}, SEED=${seed}`),
  );
}

async function comeAndGo(t: TestContext): Promise<void> {
  const room = await openRoom(t);
  const at = folder(t);
  // It sees what others leave, and has nothing at work itself.
  const witness = await Participant.start(room, '');
  t.after(() => witness.terminate());
  await terminateOften(room, at, WARM_UP);
  await heldBy(witness);
  await until('the warm-up has ended', () => room.server.transports.size === 0);
  let before = await heldBy(witness);
  for (let last = Infinity; last > before.goroutines;) {
    last = before.goroutines;
    await sleep(300);
    before = await heldBy(witness);
  }
  const started = performance.now();
  const grown = await terminateOften(room, at, THREADS);
  await assertNothingLeft(witness, before);
  const now = await heldBy(witness);
  t.diagnostic(
    `${THREADS} threads in ${((performance.now() - started) / 1000).toFixed(1)} s, ${grown.toFixed(2)} MB each; ` +
      `before ${JSON.stringify(before)}, after ${JSON.stringify(now)}`,
  );
  // Of a few the allocator's own moods are seen.
  if (isLong) assert.ok(grown < 0.3, `${grown.toFixed(2)} MB more with each thread`);
}

const isLoaded = () => readFileSync('/proc/self/maps', 'utf8').includes('libmscp');

test(`${THREADS} threads terminated at random moments leave nothing, where the main thread never loads the package`, async (t) => {
  assert.ok(!isLoaded());
  await comeAndGo(t);
});

const whereItIsLoaded = async (t: TestContext) => {
  const worker = await createWorker();
  t.after(() => worker.close());
  assert.ok(isLoaded());
  await comeAndGo(t);
};

// The threads of test/leak are of such a process, too.
if (isLong) test('nor where the main thread has loaded it as well', whereItIsLoaded);
