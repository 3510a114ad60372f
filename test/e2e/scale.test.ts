// Many streams over one connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { fileTrack, join, openRoom, until } from './session.js';

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

// Machines that do other work as well have cold caches now and then, not always.
const MOST_TIMES = 4;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** What it takes of the processors, in ms: not how long it waits for them, nor for the server. */
async function measured<T>(costs: number[], task: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const result = await task();
  const { user, system } = process.cpuUsage(before);
  costs.push((user + system) / 1000);
  return result;
}

function assertEven(what: string, costs: number[]): void {
  const [first, last] = [median(costs.slice(1, 31)), median(costs.slice(-30))];
  const story = `${what} took ${first.toFixed(2)} ms at first, ${last.toFixed(2)} ms in the end`;
  assert.ok(last <= MOST_TIMES * first, story);
}

test('the last of many producers and consumers costs what the first did', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const source = await sending.produce({ track: sound() });
  const produced: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    const producer = await measured(produced, () =>
      sending.produce({ track: sound(), zeroRtpOnPause: true }),
    );
    // What it sends is not what is measured.
    producer.pause();
  }
  assertEven('produce()', produced);

  await alice.createRecvTransport();
  const consumed: number[] = [];
  const consumers: types.Consumer[] = [];
  for (let count = 0; count < 400; count += 1) {
    consumers.push(await measured(consumed, () => room.consume(alice, source, { paused: true })));
  }
  assertEven('consume()', consumed);
  for (const consumer of consumers.splice(10)) consumer.close();
  for (const consumer of consumers) {
    room.serverConsumer(consumer).resume();
    await until('packets of what is left', async () =>
      [...(await consumer.getStats()).values()].some(
        ({ type, packetsReceived }) => type === 'inbound-rtp' && packetsReceived > 0,
      ),
    );
  }
});

test('what the server gives no mid is received, again and again', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const producer = await sending.produce({ track: sound() });
  const receiving = await alice.createRecvTransport();
  const consumers: types.Consumer[] = [];
  for (let count = 0; count < 3; count += 1) {
    const consumer = (await room.server.request('consume', {
      transportId: receiving.id,
      producerId: producer.id,
      rtpCapabilities: alice.device.recvRtpCapabilities,
    })) as types.ConsumerOptions & { rtpParameters: types.RtpParameters };
    const { mid, ...rtpParameters } = consumer.rtpParameters;
    assert.ok(mid);
    consumers.push(await receiving.consume({ ...consumer, rtpParameters }));
    await room.server.request('resumeConsumer', { consumerId: consumer.id });
    if (count === 1) consumers.shift()?.close();
  }
  assert.equal(new Set(consumers.map(({ localId }) => localId)).size, 2);
  for (const consumer of consumers) {
    await until('packets', async () =>
      [...(await consumer.getStats()).values()].some(
        ({ type, packetsReceived }) => type === 'inbound-rtp' && packetsReceived > 5,
      ),
    );
  }
});
