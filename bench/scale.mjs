#!/usr/bin/env node
// What the n-th produce() and consume() cost, and what is left of consumers that were closed.
import { fileURLToPath } from 'node:url';
import { fixturePath } from '../scripts/lib/fixtures.mjs';
import { runChild } from './measure/child.mjs';
import { readOptions } from './measure/options.mjs';
import { median } from './measure/statistics.mjs';
import { fixed, printTable, printTargets } from './measure/table.mjs';
import { setUp } from './peers/setup.mjs';

const AROUND = 10;
const TARGET_RATIO = 1.5;
const TARGET_GROWTH_MB = 10;
const script = fileURLToPath(new URL('clients/scale.mjs', import.meta.url));

const options = readOptions('scale', {
  streams: { default: 500, lowest: 20, highest: 5000, what: 'producers and consumers at a time' },
  live: { default: 50, lowest: 0, highest: 500, what: 'consumers that stay' },
  cycles: { default: 5000, lowest: 100, highest: 100_000, what: 'consumers that come and go' },
  clients: ['ours'],
});
await setUp({});
const { createRoom } = await import('../test/e2e/support/room.mjs');

const room = await createRoom();
let results;
try {
  const step = Math.max(Math.floor(options.cycles / 10), 1);
  const task = { client: 'ours', file: fixturePath('red-440hz.mp4'), step, ...options };
  results = await runChild(script, task, {
    limitMs: 1_200_000,
    execArgv: ['--expose-gc'],
    onRequest: (method, data) => room.server.request(method, data),
  });
} finally {
  await room.close();
}

const { produced, consumed, rounds } = results;
/** The n-th, as the median of those around it. */
const at = (times, n) => median(times.slice(Math.max(n - AROUND, 0), n + AROUND));
const places = [1, 50, 200, 500, 1000, 5000].filter((n) => n <= options.streams);
printTable(
  ['the n-th, in ms', ...places.map(String)],
  [
    ['produce()', ...places.map((n) => fixed(at(produced, n), 2))],
    ['consume()', ...places.map((n) => fixed(at(consumed, n), 2))],
  ],
);
console.log(`\nconsume() and close, ${options.live} others live\n`);
printTable(
  ['rounds', 'ms each', 'resident MB'],
  rounds.map(({ ms, megabytes }, index) => [
    String(((index + 1) * options.cycles) / rounds.length),
    fixed(ms, 2),
    fixed(megabytes, 1),
  ]),
);
const ratio = (times) => at(times, options.streams) / at(times, 1);
const [first] = rounds;
const last = rounds.at(-1);
printTargets([
  [`the last produce() at most ${TARGET_RATIO} times the first`, ratio(produced) <= TARGET_RATIO],
  [`the last consume() at most ${TARGET_RATIO} times the first`, ratio(consumed) <= TARGET_RATIO],
  [
    `no more than ${TARGET_GROWTH_MB} MB after the first tenth of the rounds`,
    last.megabytes - first.megabytes <= TARGET_GROWTH_MB,
  ],
  [
    `a round at most ${TARGET_RATIO} times those of the first tenth`,
    last.ms <= TARGET_RATIO * first.ms,
  ],
]);
