// When a received track fires `ended`: where W3C's would, and as the tracks of mediasoup-client-aiortc do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
// The sources, not the package: a panic is asked for through what an app can't reach.
import { Bridge } from '../../lib/bridge.js';
import { createWorker } from '../../lib/index.js';
import type { Worker } from '../../lib/index.js';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';
import { fileTrack, openRoom, until } from './session.js';
import type { Room } from './session.js';

type Session = {
  room: Room;
  worker: Worker;
  panic: () => Promise<unknown>;
  receiving: types.Transport;
  consumers: types.Consumer[];
  /** What each consumer and its track fired, in the order of it. */
  fired: string[][];
};

/** Sound and picture that arrive, and what is told of them. */
async function receive(t: TestContext): Promise<Session> {
  const room = await openRoom(t);
  const listen = t.mock.method(Bridge.prototype, 'listen');
  const worker = await createWorker({ logLevel: 'none' });
  t.after(() => worker.close());
  const handle = listen.mock.calls[0]?.arguments[0] ?? 0;
  listen.mock.restore();
  const panic = () => openHooked().request(handle, Hook.WorkerPanic, {});
  const handlerFactory = worker.createHandlerFactory();
  const bob = await room.join({ device: await Device.factory({ handlerFactory }) });
  // The sender is in another Worker, which goes on.
  const others = await createWorker({ logLevel: 'none' });
  t.after(() => others.close());
  const alice = await room.join({
    device: await Device.factory({ handlerFactory: others.createHandlerFactory() }),
  });
  const sending = await alice.createSendTransport();
  const receiving = await bob.createRecvTransport();
  const consumers: types.Consumer[] = [];
  for (const kind of ['audio', 'video'] as const) {
    const track = fileTrack(kind, 'red-440hz.mp4', { loop: true });
    consumers.push(await room.consume(bob, await sending.produce({ track })));
  }
  const fired = consumers.map((consumer) => {
    const events: string[] = [];
    consumer.track.addEventListener('ended', () => events.push('ended'));
    consumer.on('trackended', () => events.push('trackended'));
    consumer.on('transportclose', () => events.push('transportclose'));
    return events;
  });
  await until('connected', () => receiving.connectionState === 'connected');
  return { room, worker, panic, receiving, consumers, fired };
}

const all = (consumers: types.Consumer[], readyState: string) =>
  consumers.every(({ track }) => track.readyState === readyState);

test('closing the transport ends its tracks, with the event, before the consumers hear of it', async (t) => {
  const { receiving, consumers, fired } = await receive(t);
  receiving.close();
  assert.ok(all(consumers, 'ended'));
  for (const events of fired)
    assert.deepEqual(events.toSorted(), ['ended', 'trackended', 'transportclose']);
  for (const events of fired) assert.equal(events.at(-1), 'transportclose');
  receiving.close();
});

test('closing the Worker ends them, with the event', async (t) => {
  const { worker, receiving, consumers, fired } = await receive(t);
  worker.close();
  assert.ok(all(consumers, 'ended'));
  for (const events of fired) assert.deepEqual(events.toSorted(), ['ended', 'trackended']);
  assert.equal(receiving.connectionState, 'closed');
  receiving.close();
  for (const events of fired) assert.deepEqual(events.slice(2), ['transportclose']);
});

test('the death of the Worker ends them, with the event', async (t) => {
  const { panic, receiving, consumers, fired } = await receive(t);
  await panic();
  await until('the end', () => all(consumers, 'ended'));
  for (const events of fired) assert.deepEqual(events.toSorted(), ['ended', 'trackended']);
  assert.equal(receiving.connectionState, 'failed');
});

test('a server that ends DTLS ends them, with the event', async (t) => {
  const { room, receiving, consumers, fired } = await receive(t);
  room.serverTransport(receiving).close();
  await until('the end', () => all(consumers, 'ended'));
  for (const events of fired) assert.deepEqual(events.toSorted(), ['ended', 'trackended']);
  assert.equal(receiving.closed, false);
  receiving.close();
  for (const events of fired) assert.deepEqual(events.slice(2), ['transportclose']);
});

test('a server that is gone does not: it may come back, until the transport is closed', async (t) => {
  const { room, receiving, consumers, fired } = await receive(t);
  await room.killWorker();
  await until('lost', () => /disconnected|failed/.test(receiving.connectionState), {
    timeoutMs: 30_000,
  });
  assert.ok(all(consumers, 'live'));
  assert.deepEqual(fired, [[], []]);
  receiving.close();
  assert.ok(all(consumers, 'ended'));
  for (const events of fired)
    assert.deepEqual(events.toSorted(), ['ended', 'trackended', 'transportclose']);
});

test('what the app ends itself fires no event: consumer.close() and track.stop()', async (t) => {
  const { receiving, consumers, fired } = await receive(t);
  const [sound, picture] = consumers;
  sound?.close();
  picture?.track.stop();
  assert.ok(all(consumers, 'ended'));
  // Asked of the core after both: it has nothing to add.
  await receiving.getStats();
  assert.deepEqual(fired, [[], []]);
  receiving.close();
  assert.deepEqual(fired, [[], ['transportclose']]);
});
