// How reading begins, goes on through what happens to a track, and ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  AudioData,
  AudioTrackGenerator,
  MediaStreamTrackProcessor,
  VideoFrame,
  VideoTrackGenerator,
  grabFrame,
} from 'mediasoup-client-pion';
import {
  closeAll,
  colourOf,
  isBlack,
  isRed,
  localTrack,
  read,
  receivedTrack,
  soundOf,
  there,
} from './readings.js';
import { codecOf, fileTrack, join, openRoom, until } from './session.js';
import { loudness, strongestTone } from './support/tone.mjs';

test('nothing is decoded before the first read, nor after the last, however it ends', async (t) => {
  const { worker, track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const readers = async () => (await worker.getMetrics()).worker.handles.readers;
  const processor = () => new MediaStreamTrackProcessor<VideoFrame>({ track });
  const one = processor().readable.getReader();
  const other = processor().readable;
  assert.equal(await readers(), 0);
  (await one.read()).value?.close();
  assert.equal(await readers(), 1);
  for await (const frame of other) {
    frame.close();
    assert.equal(await readers(), 2);
    break;
  }
  await until('one reader', async () => (await readers()) === 1);
  await one.cancel();
  await until('no reader', async () => (await readers()) === 0);
  assert.equal((await one.read()).done, true, 'read after it was cancelled');
  await assert.rejects(async () => {
    for await (const frame of processor().readable) {
      frame.close();
      throw new Error('of the app');
    }
  }, /of the app/);
  await until('no reader after an error of the app', async () => (await readers()) === 0);
  (await grabFrame(track)).close();
  await until('no reader after one picture', async () => (await readers()) === 0);
});

test('who waits for a picture is told when nobody wants it any more, or its consumer closes', async (t) => {
  const silent = new VideoTrackGenerator();
  t.after(() => {
    silent.track.stop();
  });
  const reader = new MediaStreamTrackProcessor<VideoFrame>({
    track: silent.track,
  }).readable.getReader();
  const waiting = reader.read();
  await reader.cancel();
  assert.equal((await waiting).done, true);

  const { consumer, producer } = await receivedTrack(t, 'video', 'video/VP8');
  const received = new MediaStreamTrackProcessor<VideoFrame>({ track: consumer.track });
  const frames = received.readable.getReader();
  (await frames.read()).value?.close();
  producer.pause();
  const last = (async () => {
    for (;;) {
      const { value, done } = await frames.read();
      if (done) return 'done';
      value.close();
    }
  })();
  consumer.close();
  assert.equal(await last, 'done');
});

test('a track that has ended before it is read gives nothing, and no picture', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  track.stop();
  const reader = new MediaStreamTrackProcessor<VideoFrame>({ track }).readable.getReader();
  assert.deepEqual(await reader.read(), { done: true, value: undefined });
  await assert.rejects(grabFrame(track), { name: 'InvalidStateError' });

  const { consumer } = await receivedTrack(t, 'video', 'video/VP8');
  const early = new MediaStreamTrackProcessor<VideoFrame>({ track: consumer.track });
  const read = early.readable.getReader().read();
  consumer.close();
  // A picture, or the end, and no error.
  const { value } = await read;
  value?.close();
});

test('a reader that nobody has any more is given back', async (t) => {
  const { worker, track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const readers = async (): Promise<number> => (await worker.getMetrics()).worker.handles.readers;
  await (async () => {
    const { value } = await new MediaStreamTrackProcessor<VideoFrame>({ track }).readable
      .getReader()
      .read();
    value?.close();
  })();
  assert.equal(await readers(), 1);
  assert.ok(globalThis.gc);
  await until('the reader is given back', async () => {
    globalThis.gc?.();
    return (await readers()) === 0;
  });
});

test('a clone is read by itself: it goes on when its original is stopped, and may be enabled alone', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const clone = track.clone();
  clone.enabled = true;
  track.enabled = false;
  const [frame] = await read<VideoFrame>({ track: clone }, 1);
  assert.ok(isRed(await colourOf(there(frame))));
  frame?.close();
  track.stop();
  closeAll(await read<VideoFrame>({ track: clone }, 5));
  clone.stop();

  const { consumer } = await receivedTrack(t, 'video', 'video/VP8');
  await assert.rejects(grabFrame(consumer.track.clone()), /clone of a received track/);
});

function picture(width: number, height: number, timestamp: number): VideoFrame {
  const data = new Uint8Array(width * height * 4).map((_, i) =>
    i % 4 === 0 || i % 4 === 3 ? 255 : 0,
  );
  return new VideoFrame(data, {
    ...{ format: 'RGBA', codedWidth: width, codedHeight: height, timestamp },
  });
}

/** Writes pictures of one size after the other, each for a while. */
function show(t: TestContext, generator: VideoTrackGenerator, size: () => [number, number]): void {
  const timer = setInterval(() => {
    generator.write(picture(...size(), performance.now() * 1000)).catch(() => undefined);
  }, 40);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
}

test('pictures of a generator are read, and each has its size when that changes', async (t) => {
  const generator = new VideoTrackGenerator();
  let size: [number, number] = [160, 120];
  show(t, generator, () => size);
  const { track } = generator;
  let last = -1;
  const plain = new MediaStreamTrackProcessor<VideoFrame>({ track }).readable.getReader();
  const scaled = new MediaStreamTrackProcessor<VideoFrame>({
    track,
    video: { width: 80, format: 'NV12' },
  }).readable.getReader();
  for (const [width, height] of [
    [160, 120],
    [64, 48],
    [320, 180],
  ] as const) {
    size = [width, height];
    for (const [reader, wanted] of [
      [plain, `${width}x${height} I420`],
      [scaled, `80x${(80 * height) / width} NV12`],
    ] as const) {
      for (;;) {
        const frame = there((await reader.read()).value);
        const got = `${frame.codedWidth}x${frame.codedHeight} ${frame.format}`;
        const colour = await colourOf(frame);
        if (reader === plain) {
          assert.ok(frame.timestamp > last);
          last = frame.timestamp;
        }
        frame.close();
        assert.ok(isRed(colour), got);
        if (got === wanted) break;
      }
    }
  }
  await Promise.all([plain.cancel(), scaled.cancel()]);
});

test('sound of a generator is read as it was written, and a disabled track is silent', async (t) => {
  const generator = new AudioTrackGenerator();
  const { track } = generator;
  t.after(() => {
    track.stop();
  });
  let at = 0;
  const playing = (async () => {
    while (track.readyState === 'live') {
      const data = Float32Array.from(
        { length: 480 },
        (_, i) => 0.25 * Math.sin((2 * Math.PI * 660 * (at + i)) / 48_000),
      );
      at += data.length;
      await generator.write(
        new AudioData({
          ...{ format: 'f32', sampleRate: 48_000, timestamp: 0, data },
          ...{ numberOfFrames: data.length, numberOfChannels: 1 },
        }),
      );
    }
  })().catch(() => undefined);
  const audio = { sampleRate: 16_000, numberOfChannels: 1, frameDuration: 10_000 } as const;
  const pieces = await read<AudioData>({ track, audio }, 60);
  const sound = soundOf(pieces.slice(10));
  closeAll(pieces);
  const tone = strongestTone(sound);
  assert.equal(tone.frequency, 660);
  assert.ok(Math.abs(loudness(sound) - 0.25 / Math.SQRT2) < 0.05, `${loudness(sound)}`);
  track.enabled = false;
  for await (const piece of new MediaStreamTrackProcessor<AudioData>({ track, audio }).readable) {
    const level = loudness(soundOf([piece]));
    piece.close();
    if (level === 0) break;
  }
  track.stop();
  await playing;
});

test('of a consumer that is paused nothing comes; resumed, it goes on with times that rise', async (t) => {
  const { consumer } = await receivedTrack(t, 'video', 'video/VP8');
  const { readable } = new MediaStreamTrackProcessor<VideoFrame>({ track: consumer.track });
  const reader = readable.getReader();
  const seen = { reds: 0, last: -1, at: 0 };
  const reading = (async () => {
    for (;;) {
      const { value: frame } = await reader.read();
      if (!frame) return;
      assert.ok(frame.timestamp > seen.last);
      Object.assign(seen, { last: frame.timestamp, at: performance.now() });
      const colour = await colourOf(frame);
      frame.close();
      if (isRed(colour)) seen.reds++;
      // What is on its way when the track is disabled.
      else assert.ok(isBlack(colour), JSON.stringify(colour));
    }
  })();
  const reds = async (count: number) => {
    const all = seen.reds + count;
    await Promise.race([reading, until('red pictures', () => seen.reds >= all)]);
  };
  await reds(5);
  consumer.pause();
  const pause = until('a second without a picture', () => performance.now() - seen.at > 1000);
  await Promise.race([reading, pause]);
  consumer.resume();
  await reds(10);
  await reader.cancel();
  await reading;
});

test('a change of the layer of simulcast is a change of size, on the way', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    track: fileTrack('video', 'bars-440hz.mp4', { loop: true }),
    codec: codecOf(alice.device, 'video/VP8'),
    encodings: [{ maxBitrate: 100_000 }, { maxBitrate: 500_000 }],
  });
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  const server = room.serverConsumer(consumer);
  const reader = new MediaStreamTrackProcessor<VideoFrame>({
    track: consumer.track,
  }).readable.getReader();
  let last = -1;
  for (const [spatialLayer, width] of [
    [0, 280],
    [1, 560],
    [0, 280],
  ] as const) {
    await server.setPreferredLayers({ spatialLayer });
    for (;;) {
      const frame = there((await reader.read()).value);
      const { codedWidth, codedHeight, timestamp } = frame;
      frame.close();
      assert.ok(timestamp > last, 'a timestamp went back');
      last = timestamp;
      assert.equal(codedHeight, (codedWidth * 4) / 7);
      if (codedWidth === width) break;
    }
  }
  await reader.cancel();
});
