import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import { fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

async function flows(consumer: types.Consumer): Promise<void> {
  await until('packets', async () => {
    const entries = [...(await consumer.getStats()).values()] as Record<string, unknown>[];
    return entries.some((entry) => Number(entry['packetsReceived']) > 20);
  });
}

for (const [name, options, protocol, family] of [
  ['ICE over TCP', { udp: false, tcp: true }, 'tcp', 4],
  ['IPv6', { ip: '::1' }, 'udp', 6],
  ['ICE over TCP and IPv6', { ip: '::1', udp: false, tcp: true }, 'tcp', 6],
] as const) {
  test(`media goes both ways over ${name}, also after an ICE restart`, async (t) => {
    const room = await openRoom(t, options);
    const alice = await join(room);
    const bob = await join(room);
    const sending = await alice.createSendTransport();
    const receiving = await bob.createRecvTransport();
    const producer = await sending.produce({ track: sound() });
    await flows(await room.consume(bob, producer));
    await alice.restartIce(sending);
    await bob.restartIce(receiving);
    await flows(await room.consume(bob, producer));
    for (const transport of [sending, receiving]) {
      const { iceSelectedTuple } = room.serverTransport(transport);
      assert.equal(iceSelectedTuple?.protocol, protocol);
      // Any address of ours: to the system, all of them are near.
      assert.equal(isIP(iceSelectedTuple.remoteIp ?? ''), family);
    }
  });
}

type Changed = (dtlsParameters: types.DtlsParameters) => types.DtlsParameters;

/** A transport whose client is told DTLS parameters other than the server's. */
async function sendWith(t: TestContext, room: Room, change: Changed) {
  const { device } = await join(room);
  const parameters = (await room.server.request('createTransport')) as types.TransportOptions;
  const transport = device.createSendTransport({
    ...parameters,
    dtlsParameters: change(parameters.dtlsParameters),
  });
  t.after(() => transport.close());
  const transportId = transport.id;
  transport.on('connect', ({ dtlsParameters }, accept, refuse) => {
    room.server.request('connectTransport', { transportId, dtlsParameters }).then(accept, refuse);
  });
  transport.on('produce', (produced, accept, refuse) => {
    const request = room.server.request('produce', { transportId, ...produced });
    request.then((answer) => accept(answer as { id: string }), refuse);
  });
  return { transport, producer: await transport.produce({ track: sound() }) };
}

for (const algorithm of ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] as const) {
  for (const role of ['client', 'server'] as const) {
    test(`DTLS with the server as ${role}, known by its ${algorithm} alone`, async (t) => {
      const room = await openRoom(t);
      const { transport, producer } = await sendWith(t, room, ({ fingerprints }) => ({
        role,
        fingerprints: fingerprints.filter((fingerprint) => fingerprint.algorithm === algorithm),
      }));
      await (await room.plainTap(producer)).packets(5);
      const server = room.serverTransport(transport);
      // It passes packets on before it tells that it is connected.
      await until('connected', () => server.dtlsState === 'connected');
      assert.equal(server.dtlsParameters.role, role);
    });
  }
}

test('a server with another certificate than was told is not talked to', async (t) => {
  const room = await openRoom(t);
  const { transport, producer } = await sendWith(t, room, ({ role = 'auto' }) => ({
    role,
    fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
  }));
  // It fails, and is closed once the server says goodbye.
  const hasEnded = () => ['failed', 'closed'].includes(transport.connectionState);
  await until('the connection to fail', hasEnded);
  const [stats] = await room.serverProducer(producer).getStats();
  assert.equal(stats?.packetCount ?? 0, 0);
});
