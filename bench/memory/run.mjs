#!/usr/bin/env node
// npm run bench:memory -- --minutes=10: whether memory grows while pictures and sound are read, written and recorded.
// All is done at the same time, each in a process of its own. It fails where one grows.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { runChild } from '../measure/child.mjs';
import { receive } from '../measure/receiving.mjs';
import { withRoom } from '../measure/room.mjs';
import { rawFullHd } from '../peers/clip.mjs';
import { setUp } from '../peers/setup.mjs';
import { memoryGrowth, KINDS } from './growth.mjs';

/** What may be added in ten minutes, in MB: pages that an allocator keeps come and go. */
const MOST_GROWTH = 10;
const SOURCES = 20;
const script = (name) => fileURLToPath(new URL(`../clients/${name}.mjs`, import.meta.url));

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 0.2 && minutes <= 600)) {
  console.error(`--minutes: expected 0.2 to 600, got ${values.minutes}`);
  process.exit(2);
}

/** What is done, and how: each tells a phase once, which lasts for as long as it is answered late. */
const TASKS = {
  'reading 1080p30': (options) => receive({ client: 'ours', phases: ['read'], rounds: 1 }, options),
  'recording 2 Mbit/s': (options) =>
    receive({ client: 'ours', phases: ['recorded'], rounds: 1 }, options),
  'writing 1080p30': (options) =>
    alone('writing', { client: 'ours', file: rawFullHd, phases: ['sent'], rounds: 1 }, options),
  [`${SOURCES} sources of sound`]: (options) =>
    alone('generators', { client: 'ours', sources: SOURCES }, options),
};

function alone(name, task, options) {
  return withRoom({ mediaCodecs: mediaCodecsOf('VP8', 'opus') }, (room) =>
    runChild(script(name), task, {
      ...options,
      onRequest: (method, data) => room.server.request(method, data),
    }),
  );
}

async function watch([name, run]) {
  const samples = [];
  let lasts = false;
  await run({
    limitMs: 60_000 * (minutes + 2),
    execArgv: ['--expose-gc', `--import=${new URL('../clients/memory.mjs', import.meta.url)}`],
    onMemory(usage) {
      if (lasts) samples.push({ at: performance.now(), ...usage });
    },
    async onNote({ phase, done }) {
      // What sources cost that are written and not sent is not looked at.
      if (phase === undefined || phase === 'written' || done !== undefined) return;
      lasts = true;
      await sleep(60_000 * minutes);
      lasts = false;
    },
  });
  return { name, ...memoryGrowth(samples) };
}

await setUp([]);
const all = await Promise.all(Object.entries(TASKS).map(watch));
console.log(`${minutes} minutes; MB, at the end, and what was added in ten minutes:\n`);
console.log(['', ...KINDS].map((title, i) => cell(title, i)).join(''));
for (const { name, last, growth } of all) {
  const cells = KINDS.map((kind) => `${last[kind].toFixed(1)} ${signed(growth[kind])}`);
  console.log([name, ...cells].map(cell).join(''));
}
const grows = all.flatMap(({ name, growth }) =>
  KINDS.filter((kind) => growth[kind] > MOST_GROWTH).map((kind) => `${name}: ${kind}`),
);
for (const each of grows) console.log(`GROWS  ${each}`);
process.exitCode = grows.length > 0 ? 1 : 0;

function cell(text, column) {
  return column === 0 ? text.padEnd(24) : text.padStart(18);
}

function signed(value) {
  return `(${value >= 0 ? '+' : ''}${value.toFixed(1)})`;
}
