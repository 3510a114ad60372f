// What ICE and DTLS tell of a transport.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { event, fileTrack, join, openRoom, until } from './session.js';
import { Relay } from './support/relay.mjs';

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

function statesOf(transport: types.Transport) {
  const connection: string[] = [];
  const gathering: string[] = [];
  transport.on('connectionstatechange', (state) => {
    connection.push(state);
    assert.equal(transport.connectionState, state);
  });
  transport.on('icegatheringstatechange', (state) => {
    gathering.push(state);
    assert.equal(transport.iceGatheringState, state);
  });
  return { connection, gathering };
}

test('a transport is new, gathers and connects, each time that ICE restarts', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  for (const transport of [sending, receiving]) {
    assert.deepEqual([transport.connectionState, transport.iceGatheringState], ['new', 'new']);
  }
  const sent = statesOf(sending);
  const received = statesOf(receiving);
  const producer = await sending.produce({ track: sound() });
  await room.consume(alice, producer);
  for (const [transport, states] of [
    [sending, sent],
    [receiving, received],
  ] as const) {
    const isDone = (times: number) => () =>
      states.connection.filter((state) => state === 'connected').length === times &&
      states.gathering.filter((state) => state === 'complete').length === times;
    await until('connected', isDone(1));
    assert.deepEqual(states.connection, ['connecting', 'connected']);
    assert.deepEqual(states.gathering, ['gathering', 'complete']);
    await alice.restartIce(transport);
    await until('connected again', isDone(2));
    assert.deepEqual(states.connection.slice(2), ['connecting', 'connected']);
    assert.deepEqual(states.gathering.slice(2), ['gathering', 'complete']);
  }
});

test('a server that ends DTLS closes the connection of that transport, and what is left answers', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const other = await alice.createSendTransport();
  const { connection } = statesOf(sending);
  const producer = await sending.produce({ track: sound() });
  const kept = await other.produce({ track: sound() });
  await (await room.plainTap(producer)).packets(5);
  room.serverTransport(sending).close();
  await until('the end', () => connection.at(-1) === 'closed');
  assert.deepEqual(connection, ['connecting', 'connected', 'closed']);
  // The app closes it, or not: it is the app's.
  assert.equal(sending.closed, false);
  await producer.getStats();
  producer.pause();
  producer.close();
  sending.close();
  assert.equal(other.connectionState, 'connected');
  await (await room.plainTap(kept)).packets(5);
});

test('a data channel that had not opened yet closes with the connection that the server ends', async (t) => {
  const room = await openRoom(t);
  const relay = new Relay();
  t.after(() => {
    relay.close();
  });
  const alice = await join(room);
  const sending = await alice.createSendTransport({ relay });
  const { connection } = statesOf(sending);
  // SCTP never comes up.
  relay.up.set({ loss: 1, kinds: ['data'] });
  const producer = await sending.produceData();
  await until('DTLS', () => connection.at(-1) === 'connected');
  assert.equal(producer.readyState, 'connecting');
  const closed = event(producer, 'close');
  room.serverTransport(sending).close();
  await closed;
  assert.equal(producer.readyState, 'closed');
  await assert.rejects(sending.produceData(), /the other side closed the connection/);
});

test('an ICE server that cannot be reached is told with its URL and a reason', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const urls = 'turn:127.0.0.1:1?transport=tcp';
  const iceServers = [{ urls, username: 'user', credential: 'secret' }];
  const sending = await alice.createSendTransport({ client: { iceServers } });
  const errors: RTCPeerConnectionIceErrorEvent[] = [];
  sending.on('icecandidateerror', (event: RTCPeerConnectionIceErrorEvent) => errors.push(event));
  const producer = await sending.produce({ track: sound() });
  await until('the error', () => errors.length > 0);
  const [error] = errors;
  assert.deepEqual([error?.type, error?.url, error?.errorCode], ['icecandidateerror', urls, 701]);
  assert.match(error?.errorText ?? '', /refused/);
  // It is no reason not to connect.
  await (await room.plainTap(producer)).packets(5);
});
