import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { TransformStream } from 'node:stream/web';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import { MediaStreamTrackProcessor, RTCRtpReceiver, RTCRtpSender } from 'mediasoup-client-pion';
import type {
  AudioData,
  RTCEncodedAudioFrame,
  RTCEncodedVideoFrame,
  VideoFrame,
} from 'mediasoup-client-pion';
import { codecOf, fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { changeFrame } from './support/bitstream.mjs';
import type { Change } from './support/bitstream.mjs';
import { defaultMediaCodecs } from './support/codecs.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { strongestTone } from './support/tone.mjs';

type Frame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;
/** Says whether the frame goes on. */
type Way = (frame: Frame) => Promise<boolean> | boolean;

const mediaCodecs = [
  ...defaultMediaCodecs,
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 },
];

function through(end: unknown, way: Way): void {
  assert.ok(end instanceof RTCRtpSender || end instanceof RTCRtpReceiver);
  const { readable, writable } = end.createEncodedStreams();
  const transform = new TransformStream<Frame, Frame>({
    transform: async (frame, controller) => {
      if (await way(frame)) controller.enqueue(frame);
    },
  });
  readable
    .pipeThrough(transform)
    .pipeTo(writable)
    .catch(() => undefined);
}

async function pair(t: TestContext, mimeType: string, sending: Way, receiving: Way) {
  const room = await openRoom(t, { mediaCodecs });
  const kind = mimeType.startsWith('audio') ? 'audio' : 'video';
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    track: fileTrack(kind, 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(alice.device, mimeType),
    onRtpSender: (sender) => {
      through(sender, sending);
    },
  });
  const consumer = await receive(room, producer, receiving);
  return { room, producer, consumer };
}

async function receive(room: Room, producer: types.Producer, way: Way): Promise<types.Consumer> {
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  through(consumer.rtpReceiver, way);
  return consumer;
}

/** The pictures of a track, by their colour. */
function watch(
  t: TestContext,
  track: MediaStreamTrack,
): { colours: ReturnType<typeof meanColour>[] } {
  const reader = new MediaStreamTrackProcessor<VideoFrame>({
    track,
    video: { width: 160, height: 120, format: 'RGBA' },
  }).readable.getReader();
  const seen: { colours: ReturnType<typeof meanColour>[] } = { colours: [] };
  const ended = (async () => {
    for (let next = await reader.read(); next.value; next = await reader.read()) {
      const rgba = new Uint8Array(next.value.allocationSize());
      await next.value.copyTo(rgba);
      next.value.close();
      const data = rgba.filter((_, index) => index % 4 !== 3);
      seen.colours.push(meanColour({ width: 160, height: 120, data }));
    }
  })();
  t.after(() => ended);
  return seen;
}

const isRed = (colour: ReturnType<typeof meanColour>): boolean =>
  colourDistance(colour, colours.red) < 24;

async function listen(track: MediaStreamTrack) {
  const samples: number[] = [];
  const { readable } = new MediaStreamTrackProcessor<AudioData>({
    track,
    audio: { sampleRate: 48_000, numberOfChannels: 1, format: 'f32' },
  });
  for await (const data of readable) {
    const room = new Float32Array(data.numberOfFrames);
    data.copyTo(room, { planeIndex: 0 });
    data.close();
    samples.push(...room);
    if (samples.length >= 48_000) break;
  }
  return { sampleRate: 48_000, samples: Float32Array.from(samples) };
}

const NONCE = 12;

async function ciphers(text: string): Promise<{ encrypt: Change; decrypt: Change }> {
  const raw = Buffer.from(text.padEnd(16));
  const { subtle } = webcrypto;
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return {
    encrypt: async (bytes, additionalData) => {
      const iv = webcrypto.getRandomValues(new Uint8Array(NONCE));
      const body = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, bytes);
      return Buffer.concat([Buffer.from(body), iv]);
    },
    decrypt: async (bytes, additionalData) => {
      const algorithm = { name: 'AES-GCM', iv: bytes.subarray(-NONCE), additionalData };
      return new Uint8Array(await subtle.decrypt(algorithm, key, bytes.subarray(0, -NONCE)));
    },
  };
}

/** Changes each frame; one that can't be goes nowhere. */
function changing(mimeType: string, change: Change, back: boolean): Way {
  return async (frame) => {
    const key = 'type' in frame && frame.type === 'key';
    try {
      const changed = await changeFrame(
        ...([mimeType, new Uint8Array(frame.data), key, change, back] as const),
      );
      frame.data = new Uint8Array(changed).buffer;
      return true;
    } catch {
      return false;
    }
  };
}

for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1', 'audio/opus']) {
  test(`${mimeType}: who has the key decodes what was encrypted, and nobody else`, async (t) => {
    const { encrypt, decrypt } = await ciphers('secret');
    const sending = changing(mimeType, encrypt, false);
    const receiving = changing(mimeType, decrypt, true);
    const { room, producer, consumer } = await pair(t, mimeType, sending, receiving);
    const { decrypt: wrong } = await ciphers('another');
    let [tried, passed] = [0, 0];
    await receive(room, producer, async (frame) => {
      tried += 1;
      const goes = await changing(mimeType, wrong, true)(frame);
      if (goes) passed += 1;
      return goes;
    });
    if (mimeType.startsWith('audio')) {
      assert.equal(strongestTone(await listen(consumer.track)).frequency, 440);
    } else {
      const seen = watch(t, consumer.track);
      await until('pictures', () => seen.colours.length > 15);
      assert.ok(seen.colours.every(isRed));
    }
    await until('frames for who has another key', () => tried > 20);
    assert.equal(passed, 0);
  });
}

for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']) {
  test(`${mimeType}: after frames were dropped up to a keyframe pictures are right`, async (t) => {
    let dropping = false;
    let dropped = 0;
    const sending: Way = (frame) => {
      if ('type' in frame && frame.type === 'key') dropping = false;
      if (dropping) dropped += 1;
      return !dropping;
    };
    const { room, consumer } = await pair(t, mimeType, sending, () => true);
    const seen = watch(t, consumer.track);
    for (let round = 1; round <= 2; round++) {
      const before = seen.colours.length;
      await until('pictures', () => seen.colours.length > before + 5);
      const already = dropped;
      await until('frames were dropped', () => {
        // A keyframe that somebody else asked for may have come.
        dropping = true;
        return dropped > already + 3;
      });
      await room.serverConsumer(consumer).requestKeyFrame();
      const now = seen.colours.length;
      await until('pictures go on', () => seen.colours.length > now + 5);
    }
    assert.ok(seen.colours.every(isRed));
  });
}
