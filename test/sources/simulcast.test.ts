import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, fileTrack, join, openRoom, until } from '../e2e/session.js';
import { decodedSize } from '../e2e/support/decode.mjs';
import { entriesOf, frameRate, preferLayers, streamsOf } from '../e2e/support/layers.mjs';

const bars = (data: object = {}): MediaStreamTrack =>
  fileTrack('video', 'bars-440hz.mp4', { loop: true, ...data });

test('H264 has layers too, each of the size and the frame rate that was asked for', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  // The file is H264 itself, which goes out as it is where one encoding is asked for.
  const producer = await transport.produce({
    track: bars(),
    codec: codecOf(alice.device, 'video/H264'),
    encodings: [
      { scaleResolutionDownBy: 5, maxFramerate: 10 },
      { scaleResolutionDownBy: 2.5, maxFramerate: 15, maxBitrate: 250_000 },
      { maxBitrate: 600_000 },
    ],
  });
  assert.deepEqual(
    producer.rtpParameters.encodings?.map(({ scalabilityMode }) => scalabilityMode),
    ['L1T1', 'L1T1', 'L1T1'],
  );
  const tap = await room.plainTap(producer);
  for (const [spatialLayer, [width, height, rate]] of [
    [112, 64, 10],
    [224, 128, 15],
    [560, 320, 30],
  ].entries()) {
    assert.deepEqual(await decodedSize(room, producer, { layers: { spatialLayer } }), {
      width,
      height,
    });
    await preferLayers(tap, { spatialLayer, temporalLayer: 0 });
    await until(`${rate} frames a second`, async () => {
      return Math.abs((await frameRate(tap)) - Number(rate)) < 0.5;
    });
  }
  await tap.close();
  await until('the bitrates', async () => {
    const targets = entriesOf(await producer.getStats()).map((entry) => entry['targetBitrate']);
    return targets[1] === 250_000 && targets[2] === 600_000;
  });
  for (const { encoderImplementation } of entriesOf(await producer.getStats())) {
    assert.equal(encoderImplementation, 'OpenH264');
  }
});

test('each encoding of H264 has the temporal layers that were asked for', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: bars(),
    codec: codecOf(alice.device, 'video/H264'),
    encodings: [{ scalabilityMode: 'L1T3' }, { scalabilityMode: 'L1T3' }],
  });
  assert.equal(room.serverProducer(producer).type, 'simulcast');
  const tap = await room.plainTap(producer);
  for (const spatialLayer of [0, 1]) {
    for (const [temporalLayer, rate] of [7.5, 15, 30].entries()) {
      await preferLayers(tap, { spatialLayer, temporalLayer });
      await until(`${rate} frames a second of layer ${spatialLayer}`, async () => {
        return Math.abs((await frameRate(tap)) - rate) < 0.5;
      });
    }
  }
});

test('one encoding is changed alone', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({ track: bars(), encodings: [{}, {}] });
  const { rtpSender } = producer;
  assert.ok(rtpSender);
  const entries = async () => entriesOf(await rtpSender.getStats());
  const widths = async () => (await entries()).map(({ frameWidth }) => frameWidth);
  await until('both sizes', async () => (await widths()).join() === '280,560');
  const keyframes = async () => (await entries()).map((entry) => Number(entry['keyFramesEncoded']));
  const [before = 0] = await keyframes();

  const parameters = rtpSender.getParameters();
  const [, full] = parameters.encodings;
  assert.ok(full);
  full.scaleResolutionDownBy = 1.25;
  full.maxBitrate = 300_000;
  await rtpSender.setParameters(parameters);
  await until('the other size', async () => (await widths()).join() === '280,448');
  const [after, changed = 0] = await keyframes();
  assert.equal(after, before, 'the layer that was not changed goes on without a keyframe');
  assert.ok(changed >= 2);
});

test('what cannot have layers is refused, and the transport can be used on', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const passed = transport.produce({
    track: bars({ decode: false }),
    codec: codecOf(alice.device, 'video/H264'),
    encodings: [{}, {}],
  });
  await assert.rejects(passed, {
    name: 'NotSupportedError',
    message:
      /passed through \(decode: false\): it is to be sent in several encodings; leave decode/,
  });
  const ofVp9 = transport.produce({
    track: bars(),
    codec: codecOf(alice.device, 'video/VP9'),
    encodings: [{}, {}],
  });
  await assert.rejects(ofVp9, /video\/VP9 codec not supported for simulcast/, "the server's");
  const plain = await transport.produce({ track: bars() });
  await alice.createRecvTransport();
  const consumer = await room.consume(alice, plain);
  const forwarded = transport.produce({
    track: consumer.track,
    encodings: [{}, {}],
    stopTracks: false,
  });
  await assert.rejects(forwarded, {
    name: 'NotSupportedError',
    message: /a received track is sent on as it is, not in several encodings/,
  });

  const producer = await transport.produce({ track: bars(), encodings: [{}, {}] });
  await assert.rejects(producer.replaceTrack({ track: bars({ decode: false }) }), {
    name: 'NotSupportedError',
  });
  await until('both layers', async () => {
    return (await streamsOf(room.serverProducer(producer))).length === 2;
  });
});
