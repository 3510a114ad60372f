// A whole session with the mediasoup-client beside this file, which the package is to use too:
//   version-client.mjs <room url> <media file> createFactory|createWorker
// Writes what came of it as JSON.
import { createRequire } from 'node:module';
import { Device, version } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory, createWorker } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

const [url, file, way] = process.argv.slice(2);
const LIMIT_MS = 20_000;

async function request(method, data) {
  const body = JSON.stringify(data ?? {});
  const response = await fetch(`${url}/${method}`, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

async function until(what, condition) {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function statOf(object, type, member) {
  const entries = [...(await object.getStats()).values()];
  return entries.find((entry) => entry.type === type)?.[member] ?? 0;
}

/** Tracks and the factory in each of the package's two ways. */
async function open() {
  if (way === 'createFactory') {
    const data = { sourceType: 'file', sourceValue: file, loop: true };
    const track = (kind) => new FakeMediaStreamTrack({ kind, data });
    return {
      handlerFactory: createFactory(),
      tracks: [track('audio'), track('video')],
      close: () => {},
    };
  }
  const worker = await createWorker();
  const source = { source: 'file', file, loop: true };
  const stream = await worker.getUserMedia({ audio: source, video: source });
  return {
    handlerFactory: worker.createHandlerFactory(),
    tracks: stream.getTracks(),
    close: () => worker.close(),
  };
}

const { handlerFactory, tracks, close } = await open();
const peer = await Peer.join({ device: await Device.factory({ handlerFactory }), request });
const sending = await peer.createSendTransport();
const receiving = await peer.createRecvTransport();
const packets = {};
const waiting = [];
for (const track of tracks) {
  const producer = await sending.produce({
    track,
    headerExtensionOptions: { absCaptureTime: true },
  });
  // What handler/producing.ts sees of a Producer is seen of this version's.
  if (Object.hasOwn(track, 'addEventListener')) waiting.push(track.kind);
  const consumer = await peer.consume(producer);
  await until(
    `${track.kind} sent`,
    async () => (await statOf(producer, 'outbound-rtp', 'packetsSent')) > 10,
  );
  await until(
    `${track.kind} received`,
    async () => (await statOf(consumer, 'inbound-rtp', 'packetsReceived')) > 10,
  );
  producer.pause();
  producer.resume();
  consumer.pause();
  consumer.resume();
  packets[consumer.track.kind] = await statOf(consumer, 'inbound-rtp', 'packetsReceived');
}

const channel = await sending.produceData({ label: 'chat' });
const messages = await peer.consumeData(channel);
const got = [];
messages.on('message', (message) => got.push(message));
await until(
  'an open channel',
  () => channel.readyState === 'open' && messages.readyState === 'open',
);
channel.send('hello');
await until('the message', () => got.length > 0);
await peer.restartIce(sending);
await peer.restartIce(receiving);
channel.send('again');
await until('the message after a restart', () => got.length > 1);

const require = createRequire(import.meta.resolve('mediasoup-client-pion'));
console.log(
  JSON.stringify({
    node: process.versions.node,
    version,
    isOneCopy:
      require.resolve('mediasoup-client') ===
      createRequire(import.meta.url).resolve('mediasoup-client'),
    handlerName: peer.device.handlerName,
    kinds: Object.keys(packets).sort(),
    waiting,
    label: messages.label,
    got,
  }),
);
peer.close();
close();
