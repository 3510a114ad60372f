#!/usr/bin/env node
// Data messages through a real server, from a process back to itself: here, in @roamhq/wrtc under mediasoup-client's
// Chrome111 handler, and in a plain pion program without Node.
import { fileURLToPath } from 'node:url';
import { runPion } from './clients/pion.mjs';
import { runChild } from './measure/child.mjs';
import { readOptions } from './measure/options.mjs';
import { fixed, printTable, printTargets } from './measure/table.mjs';
import { setUp } from './peers/setup.mjs';

const TARGET_PER_SECOND = 15_000;
const TARGET_MEDIAN_MS = 0.25;
const SIZE = 1024;
const LIMIT_MS = 30_000;
const script = fileURLToPath(new URL('clients/data.mjs', import.meta.url));

const options = readOptions('data', {
  messages: { default: 100_000, lowest: 1000, highest: 1_000_000, what: 'messages for the rate' },
  singles: { default: 5000, lowest: 100, highest: 100_000, what: 'messages for the latency' },
  // The server drops what its send buffer of 256 KB can't take: at 200 it happens, at 100 it was not seen.
  outstanding: { default: 100, lowest: 1, highest: 200, what: 'messages under way at most' },
  clients: ['ours', 'wrtc', 'pion'],
});
await setUp({ pion: options.clients.includes('pion') });
const { createRoom } = await import('../test/e2e/support/room.mjs');

const results = new Map();
for (const client of options.clients) results.set(client, await measure(client));

console.log(
  `${options.messages} messages of ${SIZE} bytes, at most ${options.outstanding} under way;` +
    ` latency of ${options.singles} more, one at a time\n`,
);
printTable(
  ['', 'messages/s', 'lost', 'median ms one way', 'p99 ms'],
  [...results].map(([client, { perSecond, lost, medianMs, p99Ms }]) => [
    client,
    fixed(perSecond, 0),
    lost,
    fixed(medianMs, 3),
    fixed(p99Ms, 3),
  ]),
);
const ours = results.get('ours');
if (ours) {
  printTargets([
    [`at least ${TARGET_PER_SECOND} messages a second`, ours.perSecond >= TARGET_PER_SECOND],
    ['none lost', ours.lost === 0],
    [`median at most ${TARGET_MEDIAN_MS} ms`, ours.medianMs <= TARGET_MEDIAN_MS],
  ]);
}

async function measure(client) {
  const { messages, singles, outstanding } = options;
  const task = {
    client,
    messages,
    singles,
    size: SIZE,
    outstanding,
    limitMs: LIMIT_MS,
  };
  const room = await createRoom();
  const limits = {
    limitMs: 3 * LIMIT_MS,
    onRequest: (method, data) => room.server.request(method, data),
  };
  try {
    return client === 'pion' ? await runPion(task, limits) : await runChild(script, task, limits);
  } finally {
    await room.close();
  }
}
