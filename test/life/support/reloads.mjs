// A process that loads the package anew again and again, as hot reloads and Jest do, while what an old copy has open works on:
//   node --expose-gc reloads.mjs <room url> <clip> <reloads>
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import { Peer } from '../../e2e/support/peer.mjs';
import { signalling } from '../../../examples/signalling.mjs';

const [url, clip, reloads] = process.argv.slice(2);
const request = signalling(url);
const { cache } = createRequire(import.meta.url);

/** Of all modules but those of native code. */
function forget() {
  for (const id of Object.keys(cache)) if (!id.endsWith('.node')) delete cache[id];
}

function load() {
  forget();
  return createRequire(import.meta.url)('mediasoup-client-pion');
}

async function join(worker) {
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  return await Peer.join({ device, request });
}

/** A copy that sends. Only the server refers to it when this returns. */
async function send() {
  const worker = await load().createWorker({ logLevel: 'none' });
  const peer = await join(worker);
  const file = { source: 'file', file: clip, loop: true };
  const [track] = (await worker.getUserMedia({ video: file })).getTracks();
  const sending = await peer.createSendTransport();
  return (await sending.produce({ track })).id;
}

/** A copy that opens and closes what an app of moments does. */
async function comeAndGo() {
  const pion = load();
  const worker = await pion.createWorker({ logLevel: 'none' });
  const generator = new pion.AudioTrackGenerator();
  generator.track.stop();
  const closed = new Promise((resolve) => worker.once('subprocessclose', resolve));
  worker.close();
  await closed;
  copies.push(new WeakRef(pion.Worker));
}

async function collect() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await turn();
  }
}

const copies = [];
const producer = await send();
const kept = load();
const worker = await kept.createWorker({ logLevel: 'none' });
const peer = await join(worker);
const consumer = await peer.consume({ id: producer });
const reader = new kept.MediaStreamTrackProcessor({ track: consumer.track }).readable.getReader();

/** Frames come that were sent after this was asked for. */
async function flows() {
  for (let i = 0; i < 20; i++) (await reader.read()).value.close();
}

/** What is left of the copies, once the hidden Workers have lingered and what has ended is collected. */
async function settled() {
  forget();
  const until = performance.now() + 10_000;
  const alive = () => copies.filter((copy) => copy.deref() !== undefined).length;
  do {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await collect();
  } while (alive() > 0 && performance.now() < until);
  const { goroutines } = (await worker.getMetrics()).process;
  return { alive: alive(), heap: process.memoryUsage().heapUsed, goroutines };
}

await flows();
for (let i = 0; i < 5; i++) await comeAndGo();
const before = await settled();
for (let i = 0; i < Number(reloads); i++) await comeAndGo();
const after = await settled();
await flows();
console.log(
  JSON.stringify({
    alive: after.alive,
    grown: (after.heap - before.heap) / 1e6,
    goroutines: after.goroutines - before.goroutines,
  }),
);
await reader.cancel();
process.exit();
