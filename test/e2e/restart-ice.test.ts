import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { fileTrack, flows, inbound, join, openRoom, until } from './session.js';
import { Relay } from './support/relay.mjs';
import { SequenceCount } from './support/sequence-count.mjs';

// One packet of Opus.
const PACKET_MS = 20;
const RESTARTS = 5;
const ONE_WAY_MS = 40;

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

type Client = Awaited<ReturnType<typeof join>>;

/** Restarts ICE and waits until it is over. */
async function restart(client: Client, transport: types.Transport): Promise<void> {
  const states: string[] = [];
  const note = (state: string) => states.push(state);
  transport.on('connectionstatechange', note);
  await client.restartIce(transport);
  await until('a connection by the new credentials', () => states.at(-1) === 'connected');
  transport.off('connectionstatechange', note);
  assert.deepEqual(states, ['connecting', 'connected']);
}

function openWay(t: { after(f: () => void): void }, oneWayMs: number): Relay {
  const relay = new Relay({ up: { delayMs: oneWayMs }, down: { delayMs: oneWayMs } });
  t.after(() => relay.close());
  return relay;
}

test('ICE restarts of a sending transport lose less than 200 ms of its sound, and no message', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const audio = await sending.produce({ track: sound() });
  const channel = await sending.produceData();
  const messages = await room.consumeData(await join(room), channel);
  const received: unknown[] = [];
  messages.on('message', (message) => received.push(message));
  await until('an open channel', () => channel.readyState === 'open');
  const tap = await room.plainTap(audio);
  const count = new SequenceCount();
  tap.on('packet', ({ sequenceNumber }) => count.add(sequenceNumber));
  await tap.packets(20);
  for (let number = 0; number < RESTARTS; number++) {
    channel.send(`${number}`);
    const before = count.missing;
    await restart(alice, sending);
    await tap.packets(10);
    const missing = count.missing - before;
    assert.ok(missing * PACKET_MS < 200, `${missing} packets are missing`);
  }
  await until('every message', () => received.length === RESTARTS);
  assert.deepEqual(received, ['0', '1', '2', '3', '4']);
});

test('ICE restarts of a receiving transport lose less than a round trip of its sound each', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const audio = await (await alice.createSendTransport()).produce({ track: sound() });
  const receiving = await bob.createRecvTransport({ relay: openWay(t, ONE_WAY_MS) });
  const consumer = await room.consume(bob, audio);
  await flows(consumer);
  for (let number = 0; number < RESTARTS; number++) {
    await restart(bob, receiving);
    await flows(consumer);
  }
  // A new socket would lose two and more: the server goes on sending to the old one until ICE has
  // chosen another.
  const { lost } = await inbound(consumer);
  assert.ok(lost * PACKET_MS < RESTARTS * 2 * ONE_WAY_MS, `${lost} packets are lost`);
});

test('an ICE restart leads to the address that a client has now', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const audio = await (await alice.createSendTransport()).produce({ track: sound() });
  const relay = openWay(t, 0);
  const receiving = await bob.createRecvTransport({ relay });
  const consumer = await room.consume(bob, audio);
  await flows(consumer);
  const before = room.serverTransport(receiving).iceSelectedTuple?.remotePort;
  relay.rebind();
  await restart(bob, receiving);
  await flows(consumer);
  assert.notEqual(room.serverTransport(receiving).iceSelectedTuple?.remotePort, before);
});

test('an ICE restart before anything is negotiated, and while it is', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await bob.createRecvTransport();
  await alice.restartIce(sending);
  await bob.restartIce(receiving);
  // What is queued behind it runs before ICE has connected.
  const [audio] = await Promise.all([
    sending.produce({ track: sound() }),
    alice.restartIce(sending),
  ]);
  const [consumer] = await Promise.all([room.consume(bob, audio), bob.restartIce(receiving)]);
  await flows(consumer);
});

test('refused ICE parameters and servers leave a transport as it was', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const consumer = await room.consume(bob, await sending.produce({ track: sound() }));
  await flows(consumer);
  const iceParameters = { usernameFragment: 'x', password: 'y' };
  await assert.rejects(sending.restartIce({ iceParameters }), {
    name: 'TypeError',
    message: /^iceParameters\.usernameFragment: /,
  });
  await assert.rejects(sending.updateIceServers({ iceServers: [{ urls: 'ice:a' }] }), {
    name: 'TypeError',
    message: /^iceServers\[0\]\.urls: /,
  });
  assert.equal(sending.connectionState, 'connected');
  await restart(alice, sending);
  await flows(consumer);
});
