import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RTCRtpReceiver } from 'mediasoup-client-pion';
import type {
  RTCEncodedAudioFrameMetadata,
  RTCEncodedVideoFrame,
  RTCEncodedVideoFrameMetadata,
} from 'mediasoup-client-pion';
import { codecOf, fileTrack, join, openRoom } from './session.js';
import type { Room } from './session.js';
import { defaultMediaCodecs } from './support/codecs.mjs';
import { plainSender } from './support/plain-sender.mjs';

const mediaCodecs = [
  ...defaultMediaCodecs,
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 },
];

/** What the first frames of a producer say at another client. */
async function received(room: Room, producer: object, count: number) {
  const bob = await join(room);
  await bob.createRecvTransport();
  const { rtpReceiver } = await room.consume(bob, producer as never);
  assert.ok(rtpReceiver instanceof RTCRtpReceiver);
  const frames: RTCEncodedVideoFrame[] = [];
  for await (const frame of rtpReceiver.createEncodedStreams().readable) {
    frames.push(frame as RTCEncodedVideoFrame);
    if (frames.length === count) break;
  }
  return frames.map((frame) => frame.getMetadata());
}

for (const [mimeType, scalabilityMode, tells] of [
  ['video/VP8', 'L1T1', { spatial: [], temporal: [] }],
  ['video/VP8', 'L1T3', { spatial: [], temporal: [0, 1, 2] }],
  ['video/VP9', 'L1T3', { spatial: [0], temporal: [0, 1, 2] }],
  ['video/VP9', 'L3T2', { spatial: [2], temporal: [0, 1] }],
  ['video/AV1', 'L1T2', { spatial: [0], temporal: [0, 1] }],
  ['video/H264', 'L1T1', { spatial: [], temporal: [] }],
] as const) {
  test(`${mimeType} ${scalabilityMode}: received frames tell their size, and the layers that packets tell`, async (t) => {
    const room = await openRoom(t, { mediaCodecs });
    const alice = await join(room);
    const producer = await (
      await alice.createSendTransport()
    ).produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
      codec: codecOf(alice.device, mimeType),
      encodings: [{ scalabilityMode }],
    });
    const all: RTCEncodedVideoFrameMetadata[] = await received(room, producer, 60);
    const distinct = (name: 'spatialIndex' | 'temporalIndex') =>
      [...new Set(all.flatMap((one) => one[name] ?? []))].sort();
    assert.deepEqual(distinct('temporalIndex'), tells.temporal);
    // The server may begin with a lower one.
    const spatial = distinct('spatialIndex');
    assert.ok(spatial.every((index) => index <= Math.max(-1, ...tells.spatial)));
    assert.equal(spatial.length > 0, tells.spatial.length > 0);
    for (const one of all) {
      assert.equal('frameId' in one, false);
      assert.deepEqual(one.contributingSources, []);
    }
    // Which of several spatial layers comes last is not known from the first packet.
    if (scalabilityMode !== 'L3T2') {
      assert.ok(all.every(({ width, height }) => width === 320 && height === 240));
    }
  });
}

test('received sound tells who contributed to it', async (t) => {
  const room = await openRoom(t);
  const { producer, play } = await plainSender(t, room.server);
  play(() => ({ level: 20, csrcs: [1001, 4_000_000_000] }));
  for (const one of (await received(room, producer, 5)) as RTCEncodedAudioFrameMetadata[]) {
    assert.deepEqual(one.contributingSources, [1001, 4_000_000_000]);
    assert.equal(one.mimeType, 'audio/PCMU');
    assert.equal(one.payloadType, 0);
  }
});
