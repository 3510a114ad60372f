// The numbers of worker.getMetrics(): they go up with what is there, agree with the server's, and come back down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker as Thread } from 'node:worker_threads';
import { Device } from 'mediasoup-client';
import {
  AudioTrackGenerator,
  InvalidStateError,
  MediaRecorder,
  MediaStreamTrackProcessor,
  VideoFrame,
  createWorker,
} from 'mediasoup-client-pion';
import type { Worker, WorkerMetrics } from 'mediasoup-client-pion';
import { fixture, openRoom, until } from './session.js';
import { Coturn } from './support/coturn.mjs';

const video = { source: 'file' as const, file: fixture('red-440hz.mp4'), loop: true };

async function open(t: TestContext): Promise<Worker> {
  const worker = await createWorker();
  t.after(() => worker.close());
  return worker;
}

const client = async (worker: Worker) =>
  await Device.factory({ handlerFactory: worker.createHandlerFactory() });

/** Waits until the numbers are such. */
async function metricsWith(
  worker: Worker,
  what: string,
  condition: (metrics: WorkerMetrics) => boolean,
): Promise<WorkerMetrics> {
  let last: WorkerMetrics | undefined;
  try {
    await until(what, async () => condition((last = await worker.getMetrics())));
  } catch (error) {
    throw new Error(JSON.stringify(last, null, 1), { cause: error });
  }
  return last as unknown as WorkerMetrics;
}

const none = {
  transports: 0,
  senders: 0,
  receivers: 0,
  dataChannels: 0,
  tracks: 0,
  readers: 0,
  generators: 0,
  recorders: 0,
  encodedStreams: 0,
  openings: 0,
};

const isIdle = ({ worker }: WorkerMetrics) =>
  Object.values(worker.handles).every((count) => count === 0) &&
  worker.sources === 0 &&
  worker.network.sockets === 0;

test('handles, sources and sockets are counted by kind while they are open, and nothing is left of them', async (t) => {
  const worker = await open(t);
  const before = await worker.getMetrics();
  assert.deepEqual(before.worker.handles, none);
  assert.ok(isIdle(before));
  const room = await openRoom(t);
  const alice = await room.join({ device: await client(worker) });
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  const stream = await worker.getUserMedia({ audio: video, video });
  const [sound] = stream.getAudioTracks();
  const [picture] = stream.getVideoTracks();
  assert.ok(sound && picture);
  const producer = await sending.produce({ track: sound, stopTracks: false });
  await sending.produce({ track: picture, stopTracks: false });
  await sending.produceData();
  const consumer = await room.consume(alice, producer, { transport: receiving });
  const generator = new AudioTrackGenerator();
  await sending.produce({ track: generator.track, stopTracks: false });
  const recorder = new MediaRecorder(stream);
  recorder.start();
  const reader = new MediaStreamTrackProcessor({ track: picture });
  const frames = reader.readable.getReader();
  await frames.read().then(({ value }) => value?.close());

  const { worker: own, thread } = await metricsWith(
    worker,
    'all kinds',
    ({ worker: { handles } }) =>
      handles.readers + handles.recorders === 2 && handles.openings === 0,
  );
  assert.deepEqual(own.handles, {
    ...none,
    transports: 2,
    senders: 3,
    receivers: 1,
    dataChannels: 1,
    // Two of the file, and one that is received; the generator's is of the Worker that all without one share.
    tracks: 3,
    readers: 1,
    recorders: 1,
  });
  assert.equal(thread.handles.generators, 1);
  assert.equal(thread.handles.tracks, 4);
  assert.equal(thread.workers, before.thread.workers + 1);
  assert.equal(own.sources, 1);
  assert.ok(own.network.sockets >= 2, `${own.network.sockets} sockets`);

  await frames.cancel();
  frames.releaseLock();
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
  recorder.stop();
  await stopped;
  consumer.close();
  sending.close();
  receiving.close();
  generator.track.stop();
  stream.getTracks().forEach((track) => track.stop());
  const after = await metricsWith(worker, 'nothing is left', isIdle);
  assert.deepEqual(after.worker.handles, none);
  await metricsWith(worker, 'nothing in the thread', (m) =>
    Object.values(m.thread.handles).every((count) => count === 0),
  );
  assert.equal(after.thread.heldFrames, before.thread.heldFrames);
  await metricsWith(
    worker,
    'goroutines as before',
    ({ process }) => process.goroutines <= before.process.goroutines + 3,
  );
});

test('packets are counted as the server counts them, on and after the end of a transport', async (t) => {
  const worker = await open(t);
  const room = await openRoom(t);
  const alice = await room.join({ device: await client(worker) });
  const sending = await alice.createSendTransport();
  const [track] = (await worker.getUserMedia({ video })).getVideoTracks();
  assert.ok(track);
  await sending.produce({ track });
  await metricsWith(worker, 'packets', ({ worker: { network } }) => network.packetsSent > 200);
  const server = room.serverTransport(sending);
  const read = async () => {
    const [stats] = await server.getStats();
    assert.ok(stats);
    return { received: stats.bytesReceived, sent: stats.bytesSent };
  };
  // What the server has had by now, we have sent by then; and the other way round.
  const least = await read();
  const { network } = (await worker.getMetrics()).worker;
  let most = await read();
  await until(
    'the server has it',
    async () => (most = await read()).received >= network.bytesSent * 0.98,
  );
  assert.ok(
    network.bytesSent >= least.received,
    `${network.bytesSent} of ${least.received} bytes sent`,
  );
  assert.ok(
    network.bytesReceived <= most.sent,
    `${network.bytesReceived} of ${most.sent} received`,
  );
  assert.ok(network.bytesReceived >= least.sent * 0.9, `${network.bytesReceived} of ${least.sent}`);
  assert.ok(network.bytesSent / network.packetsSent < 1500 && network.packetsReceived > 0);
  assert.equal(network.packetsDropped, 0);

  sending.close();
  const after = await metricsWith(worker, 'no socket', (m) => m.worker.network.sockets === 0);
  assert.ok(after.worker.network.packetsSent >= network.packetsSent);
  assert.ok(after.worker.network.bytesReceived >= network.bytesReceived);
});

for (const protocol of ['udp', 'tcp'] as const) {
  test(`packets by TURN over ${protocol} are counted, and its socket`, async (t) => {
    const coturn = await Coturn.start();
    t.after(() => coturn.stop());
    const worker = await open(t);
    const room = await openRoom(t);
    const alice = await room.join({ device: await client(worker) });
    const sending = await alice.createSendTransport({
      client: { iceServers: [coturn.iceServer(protocol)], iceTransportPolicy: 'relay' as const },
    });
    const [track] = (await worker.getUserMedia({ audio: video })).getAudioTracks();
    assert.ok(track);
    await sending.produce({ track });
    const { network } = (
      await metricsWith(worker, 'packets', ({ worker: { network } }) => network.packetsSent > 100)
    ).worker;
    assert.equal(network.sockets, 1);
    assert.ok(network.packetsReceived > 2 && network.bytesReceived > 100);
    sending.close();
    await metricsWith(worker, 'no socket', (m) => m.worker.network.sockets === 0);
  });
}

test('packets over ICE-TCP are counted', async (t) => {
  const worker = await open(t);
  const room = await openRoom(t, { udp: false, tcp: true });
  const alice = await room.join({ device: await client(worker) });
  const sending = await alice.createSendTransport({});
  const [track] = (await worker.getUserMedia({ audio: video })).getAudioTracks();
  assert.ok(track);
  await sending.produce({ track });
  const { network } = (
    await metricsWith(worker, 'packets', ({ worker: { network } }) => network.packetsSent > 50)
  ).worker;
  // One of each address of this machine that the server can be reached from.
  assert.ok(network.sockets >= 1, `${network.sockets} sockets`);
  assert.ok(network.packetsReceived > 0 && network.bytesSent > network.packetsSent);
});

test('frames that a slow reader missed are counted, and those that it holds, until they are closed', async (t) => {
  const worker = await open(t);
  const [track] = (await worker.getUserMedia({ video })).getVideoTracks();
  assert.ok(track);
  const before = await worker.getMetrics();
  const reader = new MediaStreamTrackProcessor<VideoFrame>({
    track: track,
    maxBufferSize: 1,
  }).readable.getReader();
  const { value: frame } = await reader.read();
  assert.ok(frame);
  const held = await metricsWith(
    worker,
    'dropped frames',
    ({ worker }) => worker.framesDropped > before.worker.framesDropped + 5,
  );
  assert.ok(held.thread.heldFrames > before.thread.heldFrames);
  const pixels = (frame.codedWidth * frame.codedHeight * 3) / 2;
  assert.ok(held.thread.heldFrameBytes >= before.thread.heldFrameBytes + pixels);
  frame.close();
  await reader.cancel();
  const after = await metricsWith(
    worker,
    'no frame is held',
    ({ thread }) => thread.heldFrames === before.thread.heldFrames,
  );
  assert.equal(after.thread.heldFrameBytes, before.thread.heldFrameBytes);
  assert.ok(after.worker.framesDropped >= held.worker.framesDropped, 'what is closed counts on');
});

test('what waits for a busy thread is told of as soon as it asks', async (t) => {
  const worker = await open(t);
  const room = await openRoom(t);
  const alice = await room.join({ device: await client(worker) });
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  const producer = await sending.produceData();
  const consumer = await room.consumeData(alice, producer, { transport: receiving });
  await until('it is open', () => producer.readyState === 'open' && consumer.readyState === 'open');
  for (let i = 0; i < 100; i++) producer.send(Buffer.alloc(1000));
  // A thread that does nothing else for a while, in which its own numbers are read: they come last, and tell of what came before.
  let asked: Promise<WorkerMetrics> | undefined;
  let most = 0;
  await until('messages wait', async () => {
    for (let i = 0; i < 100; i++) producer.send(Buffer.alloc(1000));
    const busyUntil = performance.now() + 100;
    while (performance.now() < busyUntil);
    asked = worker.getMetrics();
    const asking = performance.now() + 100;
    while (performance.now() < asking);
    most = Math.max(most, (await asked).thread.queuedBytes);
    return most > 50_000;
  });
  await metricsWith(
    worker,
    'nothing waits',
    ({ thread }) => thread.queuedRecords === 0 && thread.queuedBytes === 0 && thread.requests === 0,
  );
});

test('a Worker counts its own, the thread all Workers, and Go the process', async (t) => {
  const worker = await open(t);
  const other = await open(t);
  await other.getUserMedia({ video });
  const [mine, theirs] = [await worker.getMetrics(), await other.getMetrics()];
  assert.deepEqual([mine.worker.sources, theirs.worker.sources], [0, 1]);
  assert.ok(mine.thread.workers >= 2);
  assert.equal(mine.thread.workers, theirs.thread.workers);
  const program = `
    const { createWorker } = require('mediasoup-client-pion');
    const { parentPort } = require('node:worker_threads');
    createWorker().then(async (worker) => {
      parentPort.postMessage(await worker.getMetrics());
      worker.close();
    });
  `;
  const thread = new Thread(program, { eval: true });
  const inThread = await new Promise<WorkerMetrics>((resolve, reject) => {
    thread.once('message', resolve).once('error', reject);
  });
  assert.deepEqual([inThread.thread.workers, inThread.thread.handles], [1, none]);
  assert.ok(
    inThread.process.goroutines >= theirs.process.goroutines / 2,
    'it sees those of all threads',
  );
  assert.ok(inThread.process.heapBytes > 0 && inThread.process.threads > 1);
});

test('all of it is plain numbers', async (t) => {
  const metrics = await (await open(t)).getMetrics();
  const check = (value: unknown, name: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) check(member, `${name}.${key}`);
    } else assert.ok(Number.isFinite(value) && Number(value) >= 0, `${name}: ${String(value)}`);
  };
  check(metrics, 'metrics');
  assert.deepEqual(JSON.parse(JSON.stringify(metrics)), metrics);
});

test('getMetrics() of a closed Worker is refused, as it is of one that closes meanwhile', async (t) => {
  const worker = await open(t);
  const late = worker.getMetrics();
  worker.close();
  const refused = (error: unknown) =>
    error instanceof InvalidStateError && error.code === 'ERR_CLOSED';
  await late.catch((error: unknown) => assert.ok(refused(error), String(error)));
  await assert.rejects(worker.getMetrics(), refused);
});
