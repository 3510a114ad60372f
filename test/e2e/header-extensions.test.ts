// RTP header extensions that the app forces, on or off.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createFactory, createWorker } from 'mediasoup-client-pion';
import type { types } from 'mediasoup-client';
import { Device } from 'mediasoup-client';
import { fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { headerExtension } from './support/header-extension.mjs';

const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const SECONDS_1900_TO_1970 = 2_208_988_800;

const picture = () => fileTrack('video', 'red-440hz.mp4', { loop: true });

const uris = (producer: types.Producer | types.Consumer): string[] =>
  (producer.rtpParameters.headerExtensions ?? []).map(({ uri }) => uri);

/** The capture times, in milliseconds since 1970, of packets that the server passes on. */
async function captureTimes(t: TestContext, room: Room, producer: types.Producer) {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const { router } = room;
  const plain = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
  });
  await plain.connect({ ip: '127.0.0.1', port: socket.address().port });
  const times: number[] = [];
  const seen = { packets: 0 };
  const consumer = await plain.consume({
    producerId: producer.id,
    rtpCapabilities: router.rtpCapabilities,
    paused: true,
  });
  const { id } =
    consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === ABS_CAPTURE_TIME) ?? {};
  assert.ok(id, 'the server passes capture times on');
  socket.on('message', (packet) => {
    seen.packets += 1;
    const value = headerExtension(packet, id);
    if (!value) return;
    const ntp = Number(value.readBigUInt64BE()) / 2 ** 32;
    times.push((ntp - SECONDS_1900_TO_1970) * 1000);
  });
  await consumer.resume();
  return { times, seen };
}

/** That the packets of a producer say when they were captured: a moment ago. */
async function assertCaptureTimes(t: TestContext, room: Room, producer: types.Producer) {
  assert.ok(uris(producer).includes(ABS_CAPTURE_TIME));
  const { times } = await captureTimes(t, room, producer);
  await until('two capture times', () => times.length >= 2);
  for (const time of times) assert.ok(Math.abs(Date.now() - time) < 10_000, `${time}`);
  assert.ok((times[1] ?? 0) - (times[0] ?? 0) > 500, 'they go on');
}

test('capture times are sent where the factory forces them', async (t) => {
  const room = await openRoom(t);
  const forcedRtpExtensions = { [ABS_CAPTURE_TIME]: true };
  const alice = await join(room, createFactory('none', { forcedRtpExtensions }));
  const producer = await (await alice.createSendTransport()).produce({ track: picture() });
  await assertCaptureTimes(t, room, producer);
  const consumer = await room.consume(alice, producer);
  assert.ok(uris(consumer).includes(ABS_CAPTURE_TIME));
});

test('capture times are sent by the one producer that asks for them', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const { handler } = sending;
  // As older versions of mediasoup-client do, whose option it is.
  const send = handler.send.bind(handler);
  const ask = (options: object) =>
    send({ ...options, headerExtensionOptions: { absCaptureTime: true } } as never);
  const without = await sending.produce({ track: picture() });
  handler.send = ask;
  const producer = await sending.produce({ track: picture() });
  assert.ok(!uris(without).includes(ABS_CAPTURE_TIME));
  await assertCaptureTimes(t, room, producer);
});

test('an extension that is forced off is neither sent nor received', async (t) => {
  const room = await openRoom(t);
  const worker = await createWorker();
  t.after(() => worker.close());
  const handlerFactory = worker.createHandlerFactory({
    forcedRtpExtensions: { [TRANSPORT_CC]: false },
  });
  const alice = await room.join({ device: await Device.factory({ handlerFactory }) });
  const bob = await join(room);
  for (const [client, isThere] of [
    [alice, false],
    [bob, true],
  ] as const) {
    const sending = await client.createSendTransport();
    const producer = await sending.produce({ track: picture() });
    assert.equal(uris(producer).includes(TRANSPORT_CC), isThere);
    const traced: (number | undefined)[] = [];
    const server = room.serverProducer(producer);
    server.on('trace', ({ info }: { info: { rtpPacket?: { wideSequenceNumber?: number } } }) => {
      traced.push(info.rtpPacket?.wideSequenceNumber ?? undefined);
    });
    await server.enableTraceEvent(['rtp']);
    await until('packets', () => traced.length > 10);
    assert.equal(
      traced.some((number) => number !== undefined),
      isThere,
    );
    const consumer = await room.consume(client, producer);
    assert.equal(uris(consumer).includes(TRANSPORT_CC), isThere);
    await until('packets', async () => {
      const entries = [...(await consumer.getStats()).values()] as Record<string, unknown>[];
      return entries.some((entry) => Number(entry['packetsReceived']) > 20);
    });
  }
});

test('an extension of sound may be forced on where a picture is sent first', async (t) => {
  const room = await openRoom(t);
  const forcedRtpExtensions = { [AUDIO_LEVEL]: true };
  const alice = await join(room, createFactory('none', { forcedRtpExtensions }));
  const sending = await alice.createSendTransport();
  assert.ok(!uris(await sending.produce({ track: picture() })).includes(AUDIO_LEVEL));
  const sound = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  assert.ok(uris(await sending.produce({ track: sound })).includes(AUDIO_LEVEL));
});

test('a forced extension that is not there is refused when the device is loaded', async (t) => {
  const room = await openRoom(t);
  const forcedRtpExtensions = { 'urn:3gpp:video-orientation': true };
  await assert.rejects(join(room, createFactory('none', { forcedRtpExtensions })), {
    name: 'UnsupportedError',
    message: /^forcedRtpExtensions: "urn:3gpp:video-orientation" is not supported: expected one of/,
  });
  assert.throws(() => createFactory('none', { forcedRtpExtensions: { 'urn:x': 1 as never } }), {
    name: 'TypeError',
  });
});
