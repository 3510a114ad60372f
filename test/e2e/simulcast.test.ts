import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, fileTrack, join, openRoom, silence, until } from './session.js';
import { decodePictures, decodedSize } from './support/decode.mjs';
import { entriesOf, frameRate, preferLayers, streamsOf } from './support/layers.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';

const bars = (): MediaStreamTrack => fileTrack('video', 'bars-440hz.mp4', { loop: true });
const bitrates = [80_000, 200_000, 500_000];

test('a consumer gets the size and the frame rate of each layer that it asks for', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: bars(),
    codec: codecOf(alice.device, 'video/VP8'),
    encodings: bitrates.map((maxBitrate) => ({ maxBitrate })),
  });
  const { encodings = [] } = producer.rtpParameters;
  assert.deepEqual(
    encodings.map(({ rid, scalabilityMode }) => `${rid} ${scalabilityMode}`),
    ['r0 L1T3', 'r1 L1T3', 'r2 L1T3'],
  );
  const server = room.serverProducer(producer);
  assert.equal(server.type, 'simulcast');

  const tap = await room.plainTap(producer);
  for (const [spatialLayer, width] of [140, 280, 560].entries()) {
    const size = await decodedSize(room, producer, { layers: { spatialLayer } });
    assert.deepEqual(size, { width, height: (width * 4) / 7 });
    for (const [temporalLayer, rate] of [7.5, 15, 30].entries()) {
      await preferLayers(tap, { spatialLayer, temporalLayer });
      await until(`${rate} frames a second`, async () => {
        return Math.abs((await frameRate(tap)) - rate) < 0.5;
      });
    }
  }
  await tap.close();

  await until('the bitrates at the server', async () => {
    const streams = await streamsOf(server);
    return bitrates.every((most, index) => {
      const { rid, ssrc, bitrate = 0 } = streams[index] ?? {};
      const { ssrc: own } = encodings[index] ?? {};
      return rid === `r${index}` && ssrc === own && bitrate > 0.5 * most && bitrate < 1.3 * most;
    });
  });
  const report = await producer.getStats();
  const sent = entriesOf(report);
  assert.deepEqual(
    sent.map(({ rid, encodingIndex, frameWidth, ssrc }) => [rid, encodingIndex, frameWidth, ssrc]),
    encodings.map(({ rid, ssrc }, index) => [rid, index, 140 * 2 ** index, ssrc]),
  );
  assert.equal(new Set(sent.map(({ mediaSourceId }) => mediaSourceId)).size, 1);
  assert.equal(entriesOf(report, 'media-source').length, 1);
  for (const { remoteId } of sent)
    assert.ok(report.get(String(remoteId)), 'its remote-inbound-rtp');
});

test('layers are switched on and off, and go on with another track', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const encodings = [{}, { active: false }, {}];
  const producer = await transport.produce({ track: bars(), encodings });
  const sent = async (): Promise<number[]> =>
    entriesOf(await producer.getStats()).map(({ packetsSent }) => Number(packetsSent));
  /** That packets of exactly those layers are sent from now on. */
  const onlySends = async (...expected: number[]): Promise<void> => {
    const before = await sent();
    const grown = async (): Promise<number[]> =>
      (await sent()).map((count, index) => count - (before[index] ?? 0));
    const isSent = async (): Promise<boolean> => {
      const growth = await grown();
      return expected.every((index) => Number(growth[index]) > 10);
    };
    await until(`layers ${expected.join()}`, isSent, { timeoutMs: 20_000 });
    const growth = await grown();
    assert.deepEqual(
      growth.flatMap((count, index) => (count > 0 ? [index] : [])),
      expected,
    );
  };
  const server = room.serverProducer(producer);
  await onlySends(0, 2);
  assert.deepEqual(
    (await streamsOf(server)).map(({ rid }) => rid),
    ['r0', 'r2'],
  );

  await producer.setRtpEncodingParameters({ active: true });
  await onlySends(0, 1, 2);
  await producer.setMaxSpatialLayer(1);
  assert.deepEqual(
    entriesOf(await producer.getStats()).map(({ active }) => active),
    [true, true, false],
  );
  await onlySends(0, 1);
  await producer.setMaxSpatialLayer(2);
  await onlySends(0, 1, 2);

  producer.pause();
  producer.resume();
  await onlySends(0, 1, 2);
  const tap = await room.plainTap(producer);
  await until('packets', () => tap.packetCount > 0);
  await producer.replaceTrack({ track: null });
  const atNull = await sent();
  await silence(tap);
  assert.deepEqual(await sent(), atNull);
  await tap.close();
  await producer.replaceTrack({ track: fileTrack('video', 'blue.mp4', { loop: true }) });
  await onlySends(0, 1, 2);
  const [picture] = await decodePictures(room, producer, { count: 1 });
  assert.ok(picture && colourDistance(meanColour(picture), colours.blue) < 24);

  const { mid } = producer.rtpParameters;
  producer.close();
  const next = await transport.produce({ track: bars(), encodings: [{}, {}] });
  await until('both layers', async () => {
    const streams = await streamsOf(room.serverProducer(next));
    return streams.length === 2 && streams.every(({ packetCount }) => packetCount > 10);
  });
  // The server may not know yet that the first is free.
  assert.notEqual(next.rtpParameters.mid, mid);
});
