// What npm run soak (scripts/soak.mjs) runs.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
// First: it has this process load the library with the hooks.
import '../hooks/load.js';
import { live } from './life.js';
import { readOptions } from './options.js';
import { Quiet } from './quiet.js';
import { writeReport } from './report.js';
import { Samples } from './samples.js';
import { Server } from './server.js';
import { World } from './world.js';

const SAMPLE_MS = 2000;
const TELL_MS = 10_000;

const options = readOptions(process.argv.slice(2));
const { minutes, seed, bots } = options;
const roundMs = minutes < 5 ? 20_000 : 50_000;

console.log(`soak: ${minutes} minutes, ${bots} bots, --seed ${seed}`);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'soak-'));
const server = await Server.start();
const world = new World(server, folder);
const samples = await Samples.start(folder);
const quiet = new Quiet(samples);
process.on('unhandledRejection', (reason) => {
  world.faults.push(reason as Error);
});

let failure: Error | undefined;
const sampling = setInterval(() => {
  const joined = world.bots.filter((bot) => bot.joined).length;
  samples.take({ bots: joined }).catch((error: unknown) => world.faults.push(error as Error));
}, SAMPLE_MS);
const telling = setInterval(tell, TELL_MS);

function tell(): void {
  const sample = samples.last;
  if (!sample) return;
  const actions = [...world.actions.values()].reduce((sum, count) => sum + count, 0);
  const { at, rss, goHeap, goroutines, threads, files, cores } = sample;
  console.log(
    `${at.toFixed(0).padStart(5)} s  ${sample.bots} bots  ${actions} actions  rss ${rss.toFixed(0)} MB  ` +
      `Go ${goHeap.toFixed(1)} MB  ${goroutines} goroutines  ${threads} threads  ${files} files  ${cores.toFixed(2)} cores`,
  );
}

try {
  // What is made once is made in a round that nothing is compared with.
  await live(world, { seed, number: 0, bots, ms: roundMs });
  await quiet.begin();
  await quiet.sample();
  const end = minutes * 60 - roundMs / 2000;
  for (let number = 1; number === 1 || samples.seconds < end; number++) {
    await live(world, { seed, number, bots, ms: roundMs });
    const left = await quiet.left();
    if (left.length > 0) throw new Error(`left after round ${number}:\n${left.join('\n')}`);
    await quiet.sample();
  }
  const threads = quiet.threadsLeft();
  if (threads.length > 0) throw new Error(`left at the end:\n${threads.join('\n')}`);
  if (server.watched > 0) throw new Error(`${server.watched} consumers are not closed`);
} catch (error) {
  failure = error as Error;
  fs.mkdirSync(options.report, { recursive: true });
  fs.writeFileSync(path.join(options.report, 'holdings.txt'), (await quiet.now()).join('\n'));
}
clearInterval(sampling);
clearInterval(telling);
tell();
failure ??= world.faults[0];
const { growth, fault } = writeReport(options, world, samples.read(), failure);
for (const { name, slope, least, limit } of growth) {
  console.log(
    `${name}: ${slope.toFixed(2)} MB an hour (at least ${least.toFixed(2)}), limit ${limit.toFixed(1)}`,
  );
}
failure = fault;
samples.close();
await server.close().catch((error: unknown) => (failure ??= error as Error));
fs.rmSync(folder, { recursive: true });
if (failure) {
  console.error(`\nthe last actions:\n${world.last.join('\n')}\n`);
  console.error(failure);
  console.error(`again: npm run soak -- --minutes ${minutes} --bots ${bots} --seed ${seed}`);
  // What it was about to do may hold up the end.
  process.exit(1);
}
