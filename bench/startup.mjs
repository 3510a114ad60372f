#!/usr/bin/env node
// How long from createWorker() to the first video packet that a real server counts, here and in mediasoup-client-aiortc.
import { fileURLToPath } from 'node:url';
import { fixturePath } from '../scripts/lib/fixtures.mjs';
import { mediaClients } from './clients/media.mjs';
import { runChild } from './measure/child.mjs';
import { readOptions } from './measure/options.mjs';
import { median } from './measure/statistics.mjs';
import { fixed, printTable, printTargets } from './measure/table.mjs';
import { aiortcEnvironment, setUp } from './peers/setup.mjs';

const TARGET_MS = 100;
const LIMIT_MS = 30_000;
const script = fileURLToPath(new URL('clients/startup.mjs', import.meta.url));

const options = readOptions('startup', {
  runs: { default: 7, lowest: 1, highest: 100, what: 'starts of each, side by side' },
  clients: mediaClients,
});
await setUp({ python: options.clients.includes('aiortc') });

const task = { file: fixturePath('bars-440hz.mp4') };
const taken = Object.fromEntries(options.clients.map((client) => [client, []]));
for (let run = 0; run < options.runs; run++) {
  // Each start is a process of its own: nothing is warm but the disk.
  for (const client of options.clients) {
    const env = client === 'aiortc' ? aiortcEnvironment : {};
    taken[client].push(await runChild(script, { ...task, client }, { limitMs: LIMIT_MS, env }));
  }
}

console.log(
  `createWorker() to the first video packet at the server, ${options.runs} starts each, ms\n`,
);
printTable(
  ['', 'median', 'lowest', 'highest'],
  Object.entries(taken).map(([client, times]) => [
    client,
    fixed(median(times), 0),
    fixed(Math.min(...times), 0),
    fixed(Math.max(...times), 0),
  ]),
);
if (taken.ours) printTargets([[`median at most ${TARGET_MS} ms`, median(taken.ours) <= TARGET_MS]]);
