// What W3C's RTCConfiguration in additionalSettings changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFactory } from 'mediasoup-client-pion';
import type { AdditionalSettings } from 'mediasoup-client-pion';
import type { types } from 'mediasoup-client';
import { event, fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';

// Nobody listens there, and the system says so at once.
const nobody = {
  urls: 'turn:127.0.0.1:1?transport=tcp',
  username: 'user',
  credential: 'secret',
};

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

async function open(room: Room, client: Partial<types.TransportOptions>) {
  const alice = await join(room);
  return await alice.createSendTransport({ client });
}

/** mediasoup-client takes out what is an option of the transport too: this gives it to the handler. */
async function openWith(room: Room, additionalSettings: Partial<RTCConfiguration>) {
  const handlerFactory = createFactory();
  const alice = await join(room, {
    ...handlerFactory,
    factory: (options) => handlerFactory.factory({ ...options, additionalSettings }),
  });
  return await alice.createSendTransport({ client: { iceTransportPolicy: 'all' } });
}

async function localCandidates(transport: types.Transport) {
  const entries = [...(await transport.getStats()).values()] as Record<string, unknown>[];
  return entries.filter(({ type }) => type === 'local-candidate');
}

test('iceServers and iceTransportPolicy there rule over those of the transport', async (t) => {
  const room = await openRoom(t);
  const transport = await openWith(room, { iceServers: [nobody], iceTransportPolicy: 'relay' });
  const failed = event<RTCPeerConnectionIceErrorEvent>(transport, 'icecandidateerror');
  await transport.produce({ track: sound() });
  const { url, errorCode } = await failed;
  assert.deepEqual([url, errorCode], [nobody.urls, 701]);
  assert.deepEqual(await localCandidates(transport), []);
  assert.equal(room.serverTransport(transport).iceSelectedTuple, undefined);
});

test('with an iceCandidatePoolSize candidates are gathered before anything is produced', async (t) => {
  const room = await openRoom(t);
  const iceServers = [nobody];
  const settings = { iceServers, additionalSettings: { iceCandidatePoolSize: 4 } };
  const transport = await open(room, settings);
  const failed = event<RTCPeerConnectionIceErrorEvent>(transport, 'icecandidateerror');
  assert.equal((await failed).url, nobody.urls);
  // What fails at once may be told before those of this machine are there.
  await until('candidates', async () => (await localCandidates(transport)).length > 0);
  // And what was gathered is used; so is what a restart gathers.
  const producer = await transport.produce({ track: sound() });
  const tap = await room.plainTap(producer);
  await tap.packets(20);
  const iceParameters = await room.serverTransport(transport).restartIce();
  await transport.restartIce({ iceParameters });
  await tap.packets(20);
});

test('without one, nothing is gathered before', async (t) => {
  const room = await openRoom(t);
  const transport = await open(room, { additionalSettings: { iceCandidatePoolSize: 0 } });
  assert.deepEqual(await localCandidates(transport), []);
  assert.equal(transport.iceGatheringState, 'new');
});

test('excluded interfaces have no candidates', async (t) => {
  const room = await openRoom(t);
  const additionalSettings: AdditionalSettings = { excludedInterfaces: ['lo', 'lo0'] };
  const transport = await open(room, { additionalSettings });
  const complete = new Promise<void>((resolve) => {
    transport.on('icegatheringstatechange', (state) => {
      if (state === 'complete') resolve();
    });
  });
  await transport.produce({ track: sound() });
  await complete;
  const addresses = (await localCandidates(transport)).map(({ address }) => String(address));
  assert.deepEqual(
    addresses.filter((address) => address === '::1' || address.startsWith('127.')),
    [],
  );
  const other = await open(room, {});
  const tap = await room.plainTap(await other.produce({ track: sound() }));
  await tap.packets(5);
  const used = (await localCandidates(other)).map(({ address }) => String(address));
  assert.ok(used.includes('127.0.0.1'), 'which are there otherwise');
});

test('what is refused opens no transport, and says why', async (t) => {
  const room = await openRoom(t);
  const certificates = [{} as RTCCertificate];
  await assert.rejects(open(room, { additionalSettings: { certificates } }), {
    name: 'UnsupportedError',
    message: /^additionalSettings\.certificates is not supported: each transport makes/,
  });
  const bundlePolicy = 'none' as RTCBundlePolicy;
  await assert.rejects(openWith(room, { bundlePolicy }), {
    name: 'TypeError',
    message: /^additionalSettings\.bundlePolicy: expected "balanced" or/,
  });
  const everything: AdditionalSettings & { sdpSemantics: string } = {
    ...{ iceServers: [], iceTransportPolicy: 'all', iceCandidatePoolSize: 0 },
    ...{ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', sdpSemantics: 'unified-plan' },
    ...{ certificates: [], excludedInterfaces: [] },
  };
  const transport = await open(room, { additionalSettings: everything });
  await (await room.plainTap(await transport.produce({ track: sound() }))).packets(5);
});
