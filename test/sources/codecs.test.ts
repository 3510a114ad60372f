import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { getSupportedRtpCapabilities } from 'mediasoup';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { codecOf, fileTrack, join, openRoom } from '../e2e/session.js';
import { decodeSound } from '../e2e/support/decode.mjs';
import { oggOpus } from '../e2e/support/ogg.mjs';
import type { RtpPacket } from '../e2e/support/room.mjs';
import { mediaCodecsOf } from '../e2e/support/room.mjs';
import { loudness, strongestTone, toneShare } from '../e2e/support/tone.mjs';
import { clip, packetSums } from './support/clips.mjs';

const audio = 'audio' as const;
const g722 = { kind: audio, mimeType: 'audio/G722', clockRate: 8000 };

/** The shapes that mediasoup knows; the channels are in the order of RFC 7845 section 5.1.1.2. */
const shapes = [
  { channels: 4, streams: 2, coupled: 2, mapping: [0, 1, 2, 3], layout: 'quad' },
  { channels: 6, streams: 4, coupled: 2, mapping: [0, 4, 1, 2, 3, 5], layout: '5.1' },
  { channels: 8, streams: 5, coupled: 3, mapping: [0, 6, 1, 2, 3, 4, 5, 7], layout: '7.1' },
];
type Shape = (typeof shapes)[number];
const [, surround] = shapes as [Shape, Shape, Shape];

function multiopus({ channels, streams, coupled, mapping }: Shape) {
  return {
    kind: audio,
    mimeType: 'audio/multiopus',
    clockRate: 48_000,
    channels,
    parameters: {
      channel_mapping: mapping.join(','),
      num_streams: streams,
      coupled_streams: coupled,
    },
  };
}

const toneOf = (channel: number) => 300 + 200 * channel;

/** A file with a tone of its own in each channel. */
function tones({ layout, channels }: Shape, name: string, ...encoder: string[]) {
  const each = Array.from({ length: channels }, (_, i) => `0.3*sin(2*PI*${toneOf(i)}*t)`);
  const source = `aevalsrc='${each.join('|')}':c=${layout}:s=48000:d=4`;
  return clip(name, '-f', 'lavfi', '-i', source, ...encoder);
}

function soundTrack(file: string, data: object = {}) {
  return new FakeMediaStreamTrack({
    kind: audio,
    data: { sourceType: 'file', sourceValue: file, loop: true, ...data },
  });
}

/** The channels, in FFmpeg's order, that the ffmpeg program makes of received packets. */
function decodeChannels(packets: RtpPacket[], shape: Shape) {
  const file = oggOpus(
    packets.map(({ payload }) => payload),
    shape,
  );
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', '-', '-f', 'f32le', '-'], {
    input: file,
    maxBuffer: 64 << 20,
  });
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  return Array.from({ length: shape.channels }, (_, channel) => ({
    sampleRate: 48_000,
    samples: all.filter((_, at) => at % shape.channels === channel).subarray(9600),
  }));
}

test('G722: the tone arrives, and so after it was received and sent on', async (t) => {
  const room = await openRoom(t, { mediaCodecs: [...mediaCodecsOf('opus'), g722] });
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    track: fileTrack(audio, 'red-440hz.mp4', { loop: true }),
    codec: codecOf(alice.device, 'audio/G722'),
  });
  const [codec] = producer.rtpParameters.codecs;
  assert.deepEqual(
    [codec?.mimeType, codec?.clockRate, codec?.payloadType],
    ['audio/G722', 8000, 9],
  );
  const sound = await decodeSound(room, producer);
  const tone = strongestTone(sound);
  assert.equal(tone.frequency, 440);
  assert.ok(tone.share > 0.9, `share of the tone: ${tone.share}`);
  assert.ok(loudness(sound) > 0.02, `loudness: ${loudness(sound)}`);

  // 20 ms are 320 samples, but 160 ticks (RFC 3551 section 4.5.2).
  const tap = await room.plainTap(producer);
  t.after(() => tap.close());
  const packets: RtpPacket[] = await tap.packets(25);
  for (const [i, { payload, timestamp }] of packets.entries()) {
    assert.equal(payload.length, 160);
    if (i > 0) assert.equal(timestamp - (packets[i - 1]?.timestamp ?? 0), 160);
  }

  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  const again = await (
    await bob.createSendTransport()
  ).produce({ track: consumer.track, codec: codecOf(bob.device, 'audio/G722') });
  assert.equal(strongestTone(await decodeSound(room, again)).frequency, 440);
});

for (const shape of shapes) {
  test(`multiopus: each of ${shape.channels} channels arrives with its own tone`, async (t) => {
    const file = await tones(shape, `tones-${shape.channels}.flac`);
    const room = await openRoom(t, { mediaCodecs: [multiopus(shape)] });
    const alice = await join(room);
    const producer = await (
      await alice.createSendTransport()
    ).produce({
      track: soundTrack(file),
      codecOptions: { opusFec: true, opusMaxAverageBitrate: 400_000 },
    });
    const [codec] = producer.rtpParameters.codecs;
    assert.equal(codec?.mimeType, 'audio/multiopus');
    assert.equal(codec.channels, shape.channels);
    const tap = await room.plainTap(producer);
    t.after(() => tap.close());
    for (const [channel, sound] of decodeChannels(await tap.packets(60), shape).entries()) {
      const share = toneShare(sound, toneOf(channel));
      assert.ok(share > 0.8, `channel ${channel}: ${share} of it is its tone`);
    }
  });
}

test('5.1 of Opus arrives byte for byte, and so after it was received and sent on', async (t) => {
  const file = await tones(
    surround,
    'tones.opus',
    ...['-c:a', 'libopus', '-mapping_family', '1', '-b:a', '256k'],
  );
  const sums = new Set(await packetSums(file, 'a'));
  // Opus comes first, as in every room; the file is not stereo.
  const room = await openRoom(t, { mediaCodecs: [...mediaCodecsOf('opus'), multiopus(surround)] });
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track: soundTrack(file, { decode: false }) });
  assert.equal(producer.rtpParameters.codecs[0]?.mimeType, 'audio/multiopus');
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  const again = await (await bob.createSendTransport()).produce({ track: consumer.track });
  assert.equal(again.rtpParameters.codecs[0]?.mimeType, 'audio/multiopus');
  for (const one of [producer, again]) {
    const tap = await room.plainTap(one);
    t.after(() => tap.close());
    for (const { payload } of await tap.packets(60)) {
      assert.ok(sums.has(createHash('md5').update(payload).digest('hex')), 'not of the file');
    }
  }
});

test('multiopus is taken only where nothing else can be, or where the app names it', async (t) => {
  const file = await tones(surround, 'order.flac');
  const room = await openRoom(t, { mediaCodecs: [multiopus(surround), ...mediaCodecsOf('opus')] });
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const plain = await transport.produce({ track: soundTrack(file) });
  assert.equal(plain.rtpParameters.codecs[0]?.mimeType, 'audio/opus');
  const named = await transport.produce({
    track: fileTrack(audio, 'red-440hz.mp4', { loop: true }),
    codec: codecOf(alice.device, 'audio/multiopus'),
  });
  assert.equal(named.rtpParameters.codecs[0]?.mimeType, 'audio/multiopus');
  const tap = await room.plainTap(named);
  t.after(() => tap.close());
  const [left, right, ...others] = decodeChannels(await tap.packets(60), surround);
  // Of one or two channels, the others are silent.
  const heard = [left, right, ...others].filter((sound) => sound && loudness(sound) > 0.01);
  for (const sound of heard) assert.equal(sound && strongestTone(sound).frequency, 440);
  assert.ok(heard.length === 1 || heard.length === 2, `${heard.length} channels are heard`);
});

test('the server takes neither RED nor H265: what it does not take is not sent', async (t) => {
  const { codecs = [] } = getSupportedRtpCapabilities();
  const names = codecs.map(({ mimeType }) => mimeType.toLowerCase());
  assert.ok(names.includes('audio/multiopus'));
  for (const name of ['audio/red', 'video/h265']) assert.ok(!names.includes(name), name);

  // A file of H265 is decoded, and sent as what the room has.
  const file = await clip(
    'decoded.mp4',
    ...['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=30:d=2'],
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-x265-params', 'log-level=error:bframes=0'],
  );
  const room = await openRoom(t, { mediaCodecs: mediaCodecsOf('opus', 'VP8') });
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const video = (data: object) =>
    new FakeMediaStreamTrack({
      kind: 'video',
      data: { sourceType: 'file', sourceValue: file, loop: true, ...data },
    });
  const producer = await transport.produce({ track: video({}) });
  assert.equal(producer.rtpParameters.codecs[0]?.mimeType, 'video/VP8');
  const tap = await room.plainTap(producer);
  t.after(() => tap.close());
  await tap.packets(30);
  await assert.rejects(transport.produce({ track: video({ decode: false }) }), {
    name: 'NotSupportedError',
    message: /it is coded as video\/H265, video\/VP8 was negotiated/,
  });
});
