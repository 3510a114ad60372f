import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { fileTrack, flows, inbound, join, openRoom, until } from './session.js';
import { Relay } from './support/relay.mjs';

const RUNS = 20;
const RESTARTS = 5;

/** For how long TCP waits for UDP, in ms. */
const HEAD_START = 500;

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

type Client = Awaited<ReturnType<typeof join>>;
type Settings = Parameters<Client['createSendTransport']>[0];

async function connected(transport: types.Transport, timeoutMs = 10_000): Promise<void> {
  await until('a connection', () => transport.connectionState === 'connected', { timeoutMs });
}

/** Two transports with media on them, and what the server says of them. */
async function session(t: Parameters<typeof openRoom>[0], options: object, settings?: Settings) {
  const room = await openRoom(t, { udp: true, tcp: true, ...options });
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport(settings);
  const receiving = await bob.createRecvTransport(settings);
  const producer = await sending.produce({ track: sound() });
  const consumer = await room.consume(bob, producer);
  await Promise.all([connected(sending), connected(receiving)]);
  const protocols = () =>
    [sending, receiving].map(
      (transport) => room.serverTransport(transport).iceSelectedTuple?.protocol,
    );
  // The server tells of it a little later.
  await until('two tuples', () => protocols().every(Boolean));
  return { room, alice, bob, sending, receiving, producer, consumer, protocols };
}

test(`UDP is chosen where the server has UDP and TCP, each of ${RUNS} times`, async (t) => {
  const room = await openRoom(t, { udp: true, tcp: true });
  const chosen: (string | undefined)[] = [];
  // What took longer, as on a machine that is held up, may be either.
  for (let run = 0; chosen.length < 2 * RUNS && run < 5 * RUNS; run++) {
    const alice = await join(room);
    const begun = performance.now();
    const sending = await alice.createSendTransport();
    const receiving = await alice.createRecvTransport();
    const producer = await sending.produce({ track: sound() });
    await room.consume(alice, producer);
    await Promise.all([connected(sending), connected(receiving)]);
    const took = performance.now() - begun;
    for (const transport of [sending, receiving]) {
      const server = room.serverTransport(transport);
      await until('a tuple', () => server.iceSelectedTuple);
      if (took < HEAD_START) chosen.push(server.iceSelectedTuple?.protocol);
      transport.close();
    }
  }
  assert.deepEqual(chosen, Array<string>(2 * RUNS).fill('udp'));
});

/** Candidates of the server's, of which those of UDP lead nowhere. */
function withoutUDP(t: Parameters<typeof openRoom>[0]): Relay {
  const nowhere = new Relay({ up: { loss: 1 }, down: { loss: 1 } });
  t.after(() => nowhere.close());
  const route = nowhere.route.bind(nowhere);
  nowhere.route = async (candidates) => [
    ...(await route(candidates)),
    ...candidates.filter(({ protocol }) => protocol === 'tcp'),
  ];
  return nowhere;
}

test('TCP is taken soon where UDP leads nowhere, and where there is no other', async (t) => {
  for (const [options, settings] of [
    [{ udp: true, tcp: true }, { relay: withoutUDP(t) }],
    [{ udp: false, tcp: true }, {}],
  ] as const) {
    const begin = performance.now();
    const { protocols, consumer } = await session(t, options, settings);
    const took = performance.now() - begin;
    t.diagnostic(`${took.toFixed()} ms`);
    assert.deepEqual(protocols(), ['tcp', 'tcp']);
    assert.ok(took < 5000, `${took} ms`);
    await flows(consumer);
  }
});

test('a server that announces a name is reached by it', async (t) => {
  for (const [options, settings, protocol] of [
    [{ tcp: false, announcedAddress: 'localhost' }, {}, 'udp'],
    [{ udp: false, announcedAddress: 'localhost' }, {}, 'tcp'],
  ] as const) {
    const { protocols, consumer, receiving, bob } = await session(t, options, settings);
    assert.deepEqual(protocols(), [protocol, protocol]);
    await flows(consumer);
    await bob.restartIce(receiving);
    await flows(consumer);
  }
});

const ways: Record<string, (t: Parameters<typeof openRoom>[0]) => [object, Settings?]> = {
  UDP: () => [{ tcp: false }],
  TCP: () => [{ udp: false }],
  'UDP and TCP': () => [{}],
  'TCP while UDP leads nowhere': (t) => [{}, { relay: withoutUDP(t) }],
};
for (const [way, settingsOf] of Object.entries(ways)) {
  test(`ICE restarts over ${way} are never disconnected at the server, and go on the same way`, async (t) => {
    const { room, alice, bob, sending, receiving, consumer, protocols } = await session(
      t,
      ...settingsOf(t),
    );
    await flows(consumer);
    const before = protocols();
    const states: string[] = [];
    for (const transport of [sending, receiving]) {
      room.serverTransport(transport).on('icestatechange', (state) => states.push(state));
      transport.on('connectionstatechange', (state: string) => states.push(state));
    }
    let mostMs = 0;
    for (let number = 0; number < RESTARTS; number++) {
      const begun = performance.now();
      await Promise.all([alice.restartIce(sending), bob.restartIce(receiving)]);
      await Promise.all([connected(sending), connected(receiving)]);
      mostMs = Math.max(mostMs, performance.now() - begun);
      await flows(consumer);
    }
    assert.ok(!states.includes('disconnected') && !states.includes('failed'), states.join(' '));
    // Of two ways, the one that a machine which was held up let answer first.
    if (way !== 'UDP and TCP' || mostMs < HEAD_START) assert.deepEqual(protocols(), before);
    const { lost } = await inbound(consumer);
    t.diagnostic(`${lost} packets were lost in ${RESTARTS} restarts`);
  });
}
