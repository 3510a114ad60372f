// What is received where the server's parameters have no mid.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';

type Peer = Awaited<ReturnType<typeof join>>;

/** Consumes a producer by parameters without a mid. */
async function consumeWithoutMid(
  room: Room,
  peer: Peer,
  transport: types.Transport,
  producer: types.Producer,
): Promise<types.Consumer> {
  const parameters = (await room.server.request('consume', {
    transportId: transport.id,
    producerId: producer.id,
    rtpCapabilities: peer.device.recvRtpCapabilities,
  })) as types.ConsumerOptions;
  const { mid, ...rtpParameters } = parameters.rtpParameters;
  assert.equal(typeof mid, 'string');
  const consumer = await transport.consume({ ...parameters, rtpParameters });
  await room.server.request('resumeConsumer', { consumerId: consumer.id });
  return consumer;
}

async function received(consumer: types.Consumer): Promise<number> {
  for (const entry of (await consumer.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (entry['type'] === 'inbound-rtp') return entry['packetsReceived'] as number;
  }
  return 0;
}

test('several are received without mids, one after the other and at once', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const producers: types.Producer[] = [];
  for (const kind of ['audio', 'video', 'audio', 'video'] as const) {
    const track = fileTrack(kind, 'red-440hz.mp4', { loop: true });
    producers.push(await sending.produce({ track }));
  }
  const receiving = await alice.createRecvTransport();
  const [first, second, ...others] = producers as [types.Producer, types.Producer];
  const consumers = [
    await consumeWithoutMid(room, alice, receiving, first),
    await consumeWithoutMid(room, alice, receiving, second),
    ...(await Promise.all(
      others.map((producer) => consumeWithoutMid(room, alice, receiving, producer)),
    )),
    // And one with its mid among them.
    await room.consume(alice, first, { transport: receiving }),
  ];
  for (const consumer of consumers) {
    await until('packets', async () => (await received(consumer)) > 5);
  }
  assert.equal(new Set(consumers.map(({ localId }) => localId)).size, consumers.length);
  consumers[0]?.close();
  for (const consumer of consumers.slice(1)) {
    const before = await received(consumer);
    await until('packets still', async () => (await received(consumer)) > before);
  }
});

test('what names a stream that is received already is taken, and gets nothing of it', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  for (const kind of ['audio', 'video'] as const) {
    const track = fileTrack(kind, 'red-440hz.mp4', { loop: true });
    const first = await room.consume(alice, await sending.produce({ track }));
    const { mid, ...rtpParameters } = first.rtpParameters;
    assert.equal(typeof mid, 'string');
    const again = { id: `${first.id} again`, producerId: first.producerId, kind, rtpParameters };
    const second = await receiving.consume(again);
    assert.deepEqual(second.rtpParameters.encodings, first.rtpParameters.encodings);
    await until('packets', async () => (await received(first)) > 5);
    assert.equal(await received(second), 0);
    second.close();
    const before = await received(first);
    await until('packets still', async () => (await received(first)) > before);
  }
});
