// A server that refuses connect() once: what was asked for rejects with its reason, and the
// transport works when it is asked again.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { types } from 'mediasoup-client';
import { event, fileTrack, join, openRoom, until } from './session.js';

type Transport = types.Transport;

/** Makes the next connect() of a transport fail. */
function refuseOnce(transport: Transport): void {
  const [listener] = transport.listeners('connect') as (() => void)[];
  assert.ok(listener);
  transport.removeAllListeners('connect');
  transport.once('connect', (_parameters, _accept, refuse) => {
    transport.on('connect', listener);
    refuse(new Error('not today'));
  });
}

async function receivesPackets(consumer: types.Consumer): Promise<void> {
  await until('packets to arrive', async () => {
    const stats = [...(await consumer.getStats()).values()] as Record<string, unknown>[];
    return stats.some(
      ({ type, packetsReceived }) => type === 'inbound-rtp' && Number(packetsReceived) > 5,
    );
  });
}

test('a refused connect rejects consume(), and the same consumer is received afterwards', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const track = fileTrack('video', 'red-440hz.mp4', { loop: true });
  const producer = await sending.produce({ track });
  const receiving = await bob.createRecvTransport();

  // The options of a consumer that the server has made, to be used twice.
  const consume = receiving.consume.bind(receiving);
  let given: types.ConsumerOptions | undefined;
  receiving.consume = (options) => {
    given = options;
    return consume(options);
  };
  refuseOnce(receiving);
  await assert.rejects(room.consume(bob, producer), /not today/);
  assert.ok(given);
  const again = await consume(given);
  await room.serverConsumer(again).resume();
  await receivesPackets(again);
  await receivesPackets(await room.consume(bob, producer));
});

test('a refused connect rejects produceData(), and the next channel opens', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  refuseOnce(sending);
  await assert.rejects(sending.produceData(), /not today/);
  const producer = await sending.produceData();
  await bob.createRecvTransport();
  const consumer = await room.consumeData(bob, producer);
  const arrived = event(consumer, 'message');
  await until('the channel to open', () => producer.readyState === 'open');
  await until('the other to open', () => consumer.readyState === 'open');
  producer.send('hello');
  assert.equal(await arrived, 'hello');
  await sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
});

test('a refused connect rejects consumeData(), and the next channel opens', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const producer = await (await alice.createSendTransport()).produceData();
  const receiving = await bob.createRecvTransport();
  refuseOnce(receiving);
  await assert.rejects(room.consumeData(bob, producer), /not today/);
  const consumer = await room.consumeData(bob, producer);
  await until('the channel to open', () => producer.readyState === 'open');
  await until('the other to open', () => consumer.readyState === 'open');
  const arrived = event(consumer, 'message');
  producer.send('hello');
  assert.equal(await arrived, 'hello');
});
