#!/usr/bin/env node
// What it costs to send one file as VP8 and Opus: added resident memory and processor time, here and in
// mediasoup-client-aiortc, whose own Python process is counted in. The media server is in other processes.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fixturePath } from '../scripts/lib/fixtures.mjs';
import { mediaClients } from './clients/media.mjs';
import { runChild } from './measure/child.mjs';
import { readOptions } from './measure/options.mjs';
import { fixed, printTable, printTargets } from './measure/table.mjs';
import { childrenOf, processorSeconds, residentMegabytes } from './measure/usage.mjs';
import { aiortcEnvironment, setUp } from './peers/setup.mjs';

const TARGET_MEGABYTES = 60;
const TARGET_PERCENT = 12;
const WARM_UP_MS = 3000;
const script = fileURLToPath(new URL('clients/sending.mjs', import.meta.url));

const options = readOptions('cpu-memory', {
  seconds: { default: 20, lowest: 2, highest: 600, what: 'seconds of sending that are measured' },
  clients: mediaClients,
});
await setUp({ python: options.clients.includes('aiortc') });
const { createRoom } = await import('../test/e2e/support/room.mjs');

const file = fixturePath('bars-440hz.mp4');
const results = new Map();
// One after the other: side by side they would take each other's processor.
for (const client of options.clients) results.set(client, await measure(client));

console.log(
  `bars-440hz.mp4, 560x320, 30 a second, H264, sent as VP8 and Opus for ${options.seconds} s\n`,
);
printTable(
  ['', 'added MB', 'of a core', 'in a 2nd process', 'video kbit/s', 'audio kbit/s'],
  [...results].map(([client, result]) => [
    client,
    fixed(result.megabytes, 1),
    `${fixed(result.percent, 1)}%`,
    result.second
      ? `${fixed(result.second.megabytes, 1)} MB, ${fixed(result.second.percent, 1)}%`
      : 'none',
    fixed(result.kbits.video, 0),
    fixed(result.kbits.audio, 0),
  ]),
);
const ours = results.get('ours');
if (ours) {
  printTargets([
    [`at most ${TARGET_MEGABYTES} MB of added resident memory`, ours.megabytes <= TARGET_MEGABYTES],
    [`at most ${TARGET_PERCENT}% of a core`, ours.percent <= TARGET_PERCENT],
  ]);
}

async function measure(client) {
  const room = await createRoom();
  const result = {};
  let baseline;
  let usage;
  try {
    await runChild(
      script,
      { client, file },
      {
        limitMs: options.seconds * 1000 + 60_000,
        env: client === 'aiortc' ? aiortcEnvironment : {},
        execArgv: ['--expose-gc'],
        onRequest: (method, data) => room.server.request(method, data),
        async onNote(note, pid, say) {
          if (note === 'ready') {
            baseline = residentMegabytes(pid);
          } else if (note === 'sending') {
            await sleep(WARM_UP_MS);
            usage = await watch(room, pid);
          } else {
            const own = residentMegabytes(pid) - baseline;
            const [other] = childrenOf(pid);
            const second = other && {
              megabytes: residentMegabytes(other),
              percent: usage.percent(other),
            };
            Object.assign(result, {
              megabytes: own + (second?.megabytes ?? 0),
              percent: usage.percent(pid) + (second?.percent ?? 0),
              second,
              kbits: usage.kbits,
            });
          }
          say({});
        },
      },
    );
  } finally {
    await room.close();
  }
  return result;
}

/** Watches a process, and its child if it has one, for the seconds that are measured. */
async function watch(room, pid) {
  const pids = [pid, ...childrenOf(pid)];
  const read = async () => ({
    at: performance.now(),
    seconds: new Map(pids.map((each) => [each, processorSeconds(each)])),
    bytes: await bytesByKind(room),
  });
  const before = await read();
  await sleep(options.seconds * 1000);
  const after = await read();
  const span = (after.at - before.at) / 1000;
  const kbits = (kind) => ((after.bytes[kind] - before.bytes[kind]) * 8) / span / 1000;
  return {
    percent: (each) => (100 * (after.seconds.get(each) - before.seconds.get(each))) / span,
    kbits: { video: kbits('video'), audio: kbits('audio') },
  };
}

/** What the server received: proof that the work was done. */
async function bytesByKind(room) {
  const bytes = { audio: 0, video: 0 };
  for (const producer of room.server.producers.values()) {
    for (const { byteCount } of await producer.getStats()) bytes[producer.kind] += byteCount;
  }
  return bytes;
}
