import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import {
  AudioData,
  AudioTrackGenerator,
  VideoFrame,
  VideoTrackGenerator,
} from 'mediasoup-client-pion';
import { codecOf, join, openRoom, until } from './session.js';
import { decodePictures, decodeSound } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { loudness, strongestTone } from './support/tone.mjs';

/** Red, in each of the formats. */
function red(format: 'RGBA' | 'BGRA' | 'NV12' | 'I420', width: number, height: number): VideoFrame {
  const halves = Math.ceil(width / 2) * Math.ceil(height / 2);
  let bytes: number[];
  if (format === 'RGBA')
    bytes = Array.from({ length: width * height }, () => [254, 0, 0, 255]).flat();
  else if (format === 'BGRA')
    bytes = Array.from({ length: width * height }, () => [0, 0, 254, 255]).flat();
  else {
    const luma = Array.from({ length: width * height }, () => 81);
    const chroma = Array.from({ length: halves }, () => [90, 240]);
    bytes = [
      ...luma,
      ...(format === 'NV12'
        ? chroma.flat()
        : [...chroma.map(([u = 0]) => u), ...chroma.map(([, v = 0]) => v)]),
    ];
  }
  return new VideoFrame(new Uint8Array(bytes), {
    format,
    codedWidth: width,
    codedHeight: height,
    timestamp: performance.now() * 1000,
  });
}

/** Writes until it is stopped. */
function repeat(write: () => Promise<void>, everyMs: number): () => Promise<void> {
  const state = { going: true };
  const ended = (async () => {
    while (state.going) {
      await write();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return async () => {
    state.going = false;
    await ended;
  };
}

/** A tone of 16 kHz, mono, that goes on from call to call. */
function toneOf(hertz: number, sampleRate = 16_000): (samples: number) => AudioData {
  let at = 0;
  return (samples) => {
    const data = Int16Array.from(
      { length: samples },
      (_, i) => 12_000 * Math.sin((2 * Math.PI * hertz * (at + i)) / sampleRate),
    );
    const timestamp = (at / sampleRate) * 1e6;
    at += samples;
    return new AudioData({
      format: 's16',
      sampleRate,
      numberOfFrames: samples,
      numberOfChannels: 1,
      timestamp,
      data,
    });
  };
}

for (const [mimeType, encodings] of [
  ['video/VP8', [{}]],
  ['video/H264', [{}]],
  ['video/VP8', [{}, {}, {}]],
] as const) {
  test(`written pictures of all formats and sizes arrive: ${mimeType}, ${encodings.length} encodings`, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const generator = new VideoTrackGenerator();
    const transport = await alice.createSendTransport();
    const producer = await transport.produce({
      track: generator.track,
      codec: codecOf(alice.device, mimeType),
      encodings: encodings.map((one) => ({ ...one })),
    });
    let written = 0;
    const formats = ['RGBA', 'NV12', 'I420', 'BGRA'] as const;
    const stop = repeat(async () => {
      const format = formats[Math.floor(written / 5) % formats.length] ?? 'I420';
      const [width, height]: [number, number] =
        Math.floor(written++ / 40) % 2 === 0 ? [320, 240] : [201, 151];
      await generator.write(red(format, width, height));
    }, 30);
    for (const picture of await decodePictures(room, producer, { count: 15 })) {
      assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
    }
    await stop();
    generator.track.stop();
    await assert.rejects(generator.write(red('I420', 32, 32)), { name: 'InvalidStateError' });
  });
}

test('a tone written in odd pieces arrives as that tone, and clear() silences it', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const generator = new AudioTrackGenerator();
  const tone = toneOf(440);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({ track: generator.track });
  const sizes = [1, 333, 160, 4001, 77, 1024];
  let number = 0;
  // write() waits for room: it is what paces this.
  const stop = repeat(() => generator.write(tone(sizes[number++ % sizes.length] ?? 1)), 0);
  const heard = await decodeSound(room, producer);
  const strongest = strongestTone(heard);
  assert.equal(strongest.frequency, 440);
  assert.ok(strongest.share > 0.9, `share of the tone: ${strongest.share}`);
  await stop();
  generator.clear();
  assert.ok(generator.queuedDuration < 0.05);
  assert.ok(loudness(await decodeSound(room, producer)) < 0.001);
});

test('write() waits at a second of sound, and drained() until it was sent', async (t) => {
  const generator = new AudioTrackGenerator();
  t.after(() => {
    generator.track.stop();
  });
  const tone = toneOf(300);
  const began = performance.now();
  // More than three seconds.
  for (let i = 0; i < 33; i++) await generator.write(tone(1600));
  const written = performance.now() - began;
  assert.ok(written > 1800, `${written} ms`);
  assert.ok(generator.queuedDuration > 0.5 && generator.queuedDuration <= 1.15);
  await generator.drained();
  assert.ok(performance.now() - began > 3000);
  assert.ok(generator.queuedDuration < 0.001);
});

for (const kind of ['audio', 'encoded']) {
  test(`write() that waits for room keeps the process: ${kind}`, async () => {
    const program = path.resolve(import.meta.dirname, 'support/waiting-writer.mjs');
    const child = spawn(process.execPath, [program, kind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    assert.equal(await text(child.stdout), 'written\n');
    assert.deepEqual(await ended, [0, null]);
  });
}

test('a generator that is never written to sends silence without gaps', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const generator = new AudioTrackGenerator();
  const producer = await (await alice.createSendTransport()).produce({ track: generator.track });
  const tap = await room.plainTap(producer);
  const stamps: number[] = [];
  tap.on('packet', (packet: { timestamp: number }) => stamps.push(packet.timestamp));
  await until('a second of packets', () => stamps.length > 50);
  for (const [i, stamp] of stamps.slice(1).entries()) {
    assert.equal((stamp - (stamps[i] ?? 0)) >>> 0, 960);
  }
});

test('writes that wait are refused when the track is stopped', async () => {
  const generator = new AudioTrackGenerator();
  const tone = toneOf(300);
  const writes = Array.from({ length: 40 }, () => generator.write(tone(1600)));
  const settled = Promise.allSettled(writes);
  await writes[0];
  generator.track.stop();
  const refused = (await settled).filter(({ status }) => status === 'rejected');
  assert.ok(refused.length > 20);
  for (const one of refused) {
    assert.equal((one as PromiseRejectedResult).reason.name, 'InvalidStateError');
  }
});

test('abort() of the writable ends the track at once, whatever is being written', async (t) => {
  for (const generator of [new AudioTrackGenerator(), new VideoTrackGenerator()]) {
    const { track, writable } = generator;
    t.after(() => {
      track.stop();
    });
    let ended = 0;
    track.addEventListener('ended', () => (ended += 1));
    const writer = (writable as WritableStream<AudioData | VideoFrame>).getWriter();
    const frame = () => (track.kind === 'audio' ? toneOf(300)(80_000) : red('RGBA', 64, 64));
    // The second waits until the first, of five seconds, is almost over.
    const writes = Promise.allSettled([1, 2, 3].map(() => writer.write(frame())));
    await until(
      'the first',
      () => !('queuedDuration' in generator) || generator.queuedDuration > 1,
    );
    const began = performance.now();
    await writer.abort(new Error('enough'));
    assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
    assert.equal(track.readyState, 'ended');
    assert.equal(ended, 1);
    await writes;
    await assert.rejects(writer.closed, /enough/);
  }
});

test('abort() while close() waits for what was written ends the track at once', async () => {
  const { track, writable } = new AudioTrackGenerator();
  const writer = writable.getWriter();
  await writer.write(toneOf(300)(80_000));
  const closing = assert.rejects(writer.close());
  // The stream has begun to close.
  await new Promise(setImmediate);
  const began = performance.now();
  await writer.abort(new Error('enough')).catch(() => undefined);
  await closing;
  assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
  assert.equal(track.readyState, 'ended');
});

test('muted: nothing that is written is queued, and the track tells', async () => {
  const generator = new AudioTrackGenerator();
  const muted = new Promise((resolve) => {
    generator.track.addEventListener('mute', resolve);
  });
  await generator.write(toneOf(300)(1600));
  generator.muted = true;
  await muted;
  await generator.write(toneOf(300)(8000));
  assert.ok(generator.queuedDuration < 0.05);
  await generator.writable.close();
  assert.equal(generator.track.readyState, 'ended');
});
