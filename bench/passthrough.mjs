#!/usr/bin/env node
// What a pair of producers costs that send a file of H264 and Opus as it is, and what it costs to transcode the same
// file: processor time of the sending process, divided by its pairs. The media server is in another process.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runChild } from './measure/child.mjs';
import { readOptions } from './measure/options.mjs';
import { fixed, printTable, printTargets } from './measure/table.mjs';
import { processorSeconds, residentMegabytes } from './measure/usage.mjs';

const TARGET_PERCENT = 0.5;
const WARM_UP_MS = 3000;
const script = fileURLToPath(new URL('clients/pairs.mjs', import.meta.url));

const options = readOptions('passthrough', {
  seconds: { default: 20, lowest: 2, highest: 600, what: 'seconds of sending that are measured' },
  pairs: { default: 20, lowest: 1, highest: 200, what: 'pairs of producers in one process' },
  clients: ['passed', 'transcoded'],
});
const { createRoom, mediaCodecsOf } = await import('../test/e2e/support/room.mjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
const files = makeFiles(options.pairs);

const { pairs } = options;
const cases = [
  { name: 'passed', pairs, files: files.slice(0, 1), decode: false },
  { name: 'passed', pairs, files, decode: false },
  { name: 'passed', pairs: 1, files: files.slice(0, 1), decode: false },
  { name: 'transcoded', pairs, files: files.slice(0, 1), decode: true },
  { name: 'transcoded', pairs: 1, files: files.slice(0, 1), decode: true },
].filter(({ name }) => options.clients.includes(name));
// One after the other: side by side they would take each other's processor.
for (const one of cases) one.result = await measure(one);

console.log(
  `H264 of 500 kbit/s, 560x320, 30 a second, and Opus of 64 kbit/s, for ${options.seconds} s\n`,
);
printTable(
  ['', 'pairs', 'files', 'of a core', 'of a core, a pair', 'kbit/s a pair', 'MB'],
  cases.map(({ name, pairs: count, files: { length }, result }) => [
    name,
    count,
    length,
    `${fixed(result.percent, 1)}%`,
    `${fixed(result.percent / count, 2)}%`,
    fixed(result.kbits / count, 0),
    fixed(result.megabytes, 0),
  ]),
);
if (options.clients.includes('passed')) {
  const [{ result }] = cases;
  printTargets([
    [`at most ${TARGET_PERCENT}% of a core a pair`, result.percent / pairs <= TARGET_PERCENT],
  ]);
}

/** The same content in a file for each pair. */
function makeFiles(count) {
  const first = path.join(folder, '0.mp4');
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=560x320:r=30:d=10'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10'],
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-g', '60'],
    ...['-b:v', '500k', '-maxrate', '500k', '-bufsize', '500k'],
    ...['-c:a', 'libopus', '-b:a', '64k', '-movflags', '+faststart', first],
  ]);
  return Array.from({ length: count }, (_, index) => {
    const file = path.join(folder, `${index}.mp4`);
    if (index > 0) fs.copyFileSync(first, file);
    return file;
  });
}

async function measure({ pairs: count, files: of, decode }) {
  const room = await createRoom({ mediaCodecs: mediaCodecsOf('H264', 'opus') });
  const result = {};
  try {
    await runChild(
      script,
      { client: 'passthrough', files: of, decode, pairs: count },
      {
        limitMs: options.seconds * 1000 + 120_000,
        onRequest: (method, data) => room.server.request(method, data),
        async onNote(_, pid, say) {
          await sleep(WARM_UP_MS);
          const before = await read(room, pid);
          await sleep(options.seconds * 1000);
          const after = await read(room, pid);
          const span = (after.at - before.at) / 1000;
          Object.assign(result, {
            percent: (100 * (after.seconds - before.seconds)) / span,
            kbits: ((after.bytes - before.bytes) * 8) / span / 1000,
            megabytes: residentMegabytes(pid),
          });
          say({});
        },
      },
    );
  } finally {
    await room.close();
  }
  return result;
}

async function read(room, pid) {
  let bytes = 0;
  for (const producer of room.server.producers.values()) {
    for (const { byteCount } of await producer.getStats()) bytes += byteCount;
  }
  return { at: performance.now(), seconds: processorSeconds(pid), bytes };
}
