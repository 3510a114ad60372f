// Several copies of the package in one process, each with everything at work:
//   node copies.mjs <room url> <clip> <folder for recordings> <folder with node_modules>...
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { live } from './live.mjs';
import { signalling } from '../../../examples/signalling.mjs';

const NAME = 'mediasoup-client-pion';
const [url, clip, recordings, ...folders] = process.argv.slice(2);

/** A copy, as CommonJS has it and as an ES module has it. */
async function load(folder) {
  const require = createRequire(path.join(folder, 'app.cjs'));
  const entry = path.join(path.dirname(require.resolve(`${NAME}/package.json`)), 'dist/index.mjs');
  return { required: require(NAME), imported: await import(pathToFileURL(entry).href) };
}

const copies = await Promise.all(folders.map(load));
const lives = await Promise.all(
  copies.map(({ required: pion }, number) =>
    live(signalling(url), { clip, recording: path.join(recordings, `${number}.webm`), pion }),
  ),
);
const [first, ...others] = lives;
await Promise.all(lives.map(({ flows }) => flows()));
// What one of them has is nothing to the others.
const metrics = await Promise.all(lives.map(({ worker }) => worker.getMetrics()));
await first.close();
for (const { flows } of others) await flows();
for (const { close } of others) await close();

console.log(
  JSON.stringify({
    versions: copies.map(({ required }) => required.version),
    same: copies.map(({ required, imported }) => required.createWorker === imported.createWorker),
    different: new Set(copies.map(({ required }) => required.Worker)).size,
    workers: metrics.map(({ thread }) => thread.workers),
    libraries: new Set(readFileSync('/proc/self/maps', 'utf8').match(/\S+libmscp\.so/g)).size,
  }),
);
