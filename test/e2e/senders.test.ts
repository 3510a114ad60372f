import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { fileTrack, join, openRoom, silence, until } from './session.js';
import type { Room } from './session.js';
import { decodePictures } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';

type Entry = Record<string, unknown>;

async function outbound(sender: { getStats(): Promise<RTCStatsReport> }): Promise<Entry> {
  const report = (await sender.getStats()) as unknown as Map<string, Entry>;
  return [...report.values()].find(({ type }) => type === 'outbound-rtp') ?? {};
}

async function ssrcsOf(receiver: { getStats(): Promise<RTCStatsReport> }): Promise<unknown[]> {
  const report = (await receiver.getStats()) as unknown as Map<string, Entry>;
  return [...report.values()].filter(({ type }) => type === 'inbound-rtp').map(({ ssrc }) => ssrc);
}

const keyframesOf = async (producer: types.Producer): Promise<number> =>
  (await outbound(producer))['keyFramesEncoded'] as number;

/** Steps of the timestamp behind the server, in frames a second. */
async function frameRate(room: Room, producer: types.Producer): Promise<number> {
  const tap = await room.plainTap(producer);
  const timestamps = new Set((await tap.packets(20)).map(({ timestamp }) => timestamp));
  const [first = 0, ...others] = timestamps;
  await tap.close();
  return (others.length * 90_000) / (((others.at(-1) ?? first) - first) >>> 0);
}

/** Nothing arrives after `stop`; after `start` it goes on from a keyframe. */
async function stopsAndGoesOn(
  room: Room,
  producer: types.Producer,
  stop: () => unknown,
  start: () => unknown,
): Promise<void> {
  const tap = await room.plainTap(producer);
  await tap.packets(5);
  await stop();
  await silence(tap);
  const keyframes = await keyframesOf(producer);
  const before = tap.packetCount;
  await start();
  await until('packets', () => tap.packetCount > before + 5);
  assert.ok((await keyframesOf(producer)) > keyframes, 'a keyframe');
  await tap.close();
}

test('pausing in each of three ways sends nothing, resuming goes on from a keyframe', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  await Promise.all(
    [
      { disableTrackOnPause: true, zeroRtpOnPause: false },
      { disableTrackOnPause: false, zeroRtpOnPause: true },
      // mediasoup-client leaves it to the app, which pauses its producer on the server.
      { disableTrackOnPause: false, zeroRtpOnPause: false },
    ].map(async (options) => {
      const track = fileTrack('video', 'red-440hz.mp4', { loop: true });
      const producer = await transport.produce({ track, ...options });
      const own = options.disableTrackOnPause || options.zeroRtpOnPause;
      const atServer = room.serverProducer(producer);
      await stopsAndGoesOn(
        room,
        producer,
        async () => {
          producer.pause();
          assert.equal(track.enabled, !options.disableTrackOnPause);
          if (!own) await atServer.pause();
        },
        async () => {
          producer.resume();
          assert.equal(track.enabled, true);
          if (!own) await atServer.resume();
        },
      );
      const [picture] = await decodePictures(room, producer, { count: 1 });
      assert.ok(picture && colourDistance(meanColour(picture), colours.red) < 24);
    }),
  );
});

test('encodings: active, maxBitrate and maxFramerate hold, and change while it is sent', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const track = fileTrack('video', 'bars-440hz.mp4', { loop: true });
  const producer = await transport.produce({
    track,
    encodings: [{ active: false, maxBitrate: 150_000, maxFramerate: 10 }],
  });
  const tap = await room.plainTap(producer);
  await silence(tap);
  assert.equal(tap.packetCount, 0);
  assert.equal((await outbound(producer))['active'], false);

  await producer.setRtpEncodingParameters({ active: true });
  await until('packets', () => tap.packetCount > 10);
  await tap.close();
  assert.equal((await outbound(producer))['targetBitrate'], 150_000);
  const slow = await frameRate(room, producer);

  await producer.setRtpEncodingParameters({ maxBitrate: 900_000, maxFramerate: 30 });
  await until('the new bitrate', async () => {
    return (await outbound(producer))['targetBitrate'] === 900_000;
  });
  // Pictures may be left out, but above the limit there is none.
  assert.ok(slow < 12, `${slow} frames a second`);
  await until('more pictures', async () => (await frameRate(room, producer)) > 1.5 * slow);

  await producer.setRtpEncodingParameters({ scaleResolutionDownBy: 2 });
  await until('half the size', async () => {
    const { frameWidth, encoderImplementation } = await outbound(producer);
    return frameWidth === 280 && encoderImplementation === 'libvpx';
  });
  await assert.rejects(producer.setRtpEncodingParameters({ scaleResolutionDownBy: 0.5 }), {
    name: 'TypeError',
  });
  await stopsAndGoesOn(
    room,
    producer,
    () => producer.setRtpEncodingParameters({ active: false }),
    () => producer.setMaxSpatialLayer(0),
  );
});

test('rtpSender and rtpReceiver are those of the callbacks; a stream id arrives', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const senders: RTCRtpSender[] = [];
  const producer = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
    streamId: 'camera-1',
    onRtpSender: (sender) => senders.push(sender),
  });
  const { rtpSender } = producer;
  assert.ok(rtpSender);
  assert.deepEqual(senders, [rtpSender]);
  assert.equal(rtpSender.track, producer.track);
  const { msid } = room.serverProducer(producer).rtpParameters;
  assert.equal(msid, `camera-1 ${producer.track?.id}`);

  await bob.createRecvTransport();
  const receivers: RTCRtpReceiver[] = [];
  const consumer = await room.consume(bob, producer, {
    client: { onRtpReceiver: (receiver: RTCRtpReceiver) => receivers.push(receiver) },
  });
  const { rtpReceiver } = consumer;
  assert.ok(rtpReceiver);
  assert.deepEqual(receivers, [rtpReceiver]);
  assert.equal(rtpReceiver.track, consumer.track);
  assert.equal(consumer.rtpParameters.msid, msid);
  assert.equal(rtpReceiver.getParameters().codecs[0]?.mimeType, 'video/VP8');
  assert.deepEqual(await ssrcsOf(rtpReceiver), await ssrcsOf(consumer));

  await rtpSender.replaceTrack(fileTrack('video', 'blue.mp4', { loop: true }));
  const blue = async (): Promise<boolean> => {
    const [picture] = await decodePictures(room, producer, { count: 1 });
    return picture !== undefined && colourDistance(meanColour(picture), colours.blue) < 24;
  };
  await until('the other picture', blue);
  const parameters = rtpSender.getParameters();
  const [encoding] = parameters.encodings;
  assert.ok(encoding);
  encoding.maxBitrate = 99_000;
  await rtpSender.setParameters(parameters);
  await until('the bitrate', async () => (await outbound(rtpSender))['targetBitrate'] === 99_000);
  assert.equal((await outbound(rtpSender))['ssrc'], (await outbound(producer))['ssrc']);
});

test('a callback that throws rejects, and the transport goes on', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const refuse = (): never => {
    throw new Error('of the app');
  };
  const track = (): MediaStreamTrack => fileTrack('video', 'red-440hz.mp4', { loop: true });
  await assert.rejects(sending.produce({ track: track(), onRtpSender: refuse }), /of the app/);
  await assert.rejects(sending.produce({ track: track(), streamId: 'a b' }), {
    name: 'TypeError',
    message: /^streamId: expected 1 to 512 characters without white space, got "a b"$/,
  });
  const producer = await sending.produce({ track: track() });
  await alice.createRecvTransport();
  const consume = room.consume(alice, producer, { client: { onRtpReceiver: refuse } });
  await assert.rejects(consume, /of the app/);
  const consumer = await room.consume(alice, producer);
  await until('packets', async () => {
    const report = (await consumer.getStats()) as unknown as Map<string, Entry>;
    const inbound = [...report.values()].find(({ type }) => type === 'inbound-rtp');
    return Number(inbound?.['packetsReceived']) > 5;
  });
});

test('of several replaceTrack() of an rtpSender the last counts, however long a source takes to open', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const track = (): MediaStreamTrack => fileTrack('video', 'red-440hz.mp4', { loop: true });
  const producer = await sending.produce({ track: track() });
  const { rtpSender } = producer;
  assert.ok(rtpSender);
  // It has to be opened, and nothing does not.
  const opening = track();
  t.after(() => {
    opening.stop();
  });
  await Promise.all([rtpSender.replaceTrack(opening), rtpSender.replaceTrack(null)]);
  assert.equal(rtpSender.track, null);
  const missing = rtpSender.replaceTrack(
    fileTrack('video', 'red-440hz.mp4', { sourceValue: '/there/is/none.mp4' }),
  );
  const replaced = rtpSender.replaceTrack(opening);
  await assert.rejects(missing, { name: 'NotFoundError' });
  await replaced;
  assert.equal(rtpSender.track, opening);
  const tap = await room.plainTap(producer);
  await tap.packets(5);
  await rtpSender.replaceTrack(null);
  await silence(tap);
});

test('who asks a sender or a receiver after it is closed is told which is', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const produce = () =>
    sending.produce({ track: fileTrack('video', 'red-440hz.mp4', { loop: true }) });
  const [producer, other] = [await produce(), await produce()];
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  const { rtpSender } = producer;
  const { rtpReceiver } = consumer;
  assert.ok(rtpSender && rtpReceiver && other.rtpSender);
  const name = 'InvalidStateError';
  const closed = (one: RTCRtpSender | RTCRtpReceiver) =>
    until('its end', () =>
      one.getStats().then(
        () => false,
        () => true,
      ),
    );
  consumer.close();
  producer.close();
  // Until the core has closed it, it may answer.
  for (const [stats, owner] of [
    [rtpSender.getStats(), 'sender'],
    [rtpReceiver.getStats(), 'receiver'],
  ] as const) {
    const refused = await stats.then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    if (refused) assert.ok(refused.message.endsWith(`the ${owner} is closed`), refused.message);
  }
  await closed(rtpSender);
  await closed(rtpReceiver);
  await assert.rejects(rtpSender.getStats(), { name, message: /the sender is closed$/ });
  await assert.rejects(rtpReceiver.getStats(), { name, message: /the receiver is closed$/ });
  await assert.rejects(rtpSender.replaceTrack(null), { name, message: /the sender is closed$/ });
  // So are those of a connection that is.
  sending.close();
  await closed(other.rtpSender);
  await assert.rejects(other.rtpSender.getStats(), { name, message: /the sender is closed$/ });
});
