// Each option of a processor by what comes of it, of a local track: several processors read it side by side.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import type { AudioData, MediaStreamTrackProcessorInit, VideoFrame } from 'mediasoup-client-pion';
import { closeAll, colourOf, isRed, localTrack, read, soundOf, there } from './readings.js';
import { strongestTone } from './support/tone.mjs';

test('sizes: one side keeps the shape, two are as they are asked for, odd ones and larger ones as well', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  await Promise.all(
    (
      [
        [{}, 320, 240],
        [{ width: 160 }, 160, 120],
        [{ height: 60 }, 80, 60],
        [{ width: 97 }, 97, 73],
        [{ height: 55 }, 73, 55],
        [{ width: 101, height: 301 }, 101, 301],
        [{ width: 641 }, 641, 481],
        [{ height: 1 }, 1, 1],
      ] as const
    ).map(async ([size, width, height], i) => {
      const format = (['I420', 'RGBA', 'NV12', 'I444'] as const)[i % 4];
      const frames = await read<VideoFrame>(
        { track, video: { ...size, ...(format && { format }) } },
        3,
      );
      for (const frame of frames) {
        assert.deepEqual(
          [frame.codedWidth, frame.codedHeight, frame.format],
          [width, height, format],
        );
        assert.ok(isRed(await colourOf(frame)), `${width}x${height}`);
      }
      closeAll(frames);
    }),
  );
});

test('maxFrameRate: above that of the source all pictures come, below it so many', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  await Promise.all(
    [240, 30, 12.5, 7, 2].map(async (maxFrameRate) => {
      const times: number[] = [];
      let dropped = 0;
      const { readable } = new MediaStreamTrackProcessor<VideoFrame>({
        track,
        video: { maxFrameRate },
      });
      for await (const frame of readable) {
        times.push(frame.timestamp);
        // Those before the first are nobody's.
        if (times.length > 1) dropped += frame.metadata().dropped;
        frame.close();
        if (there(times.at(-1)) - there(times[0]) > 3_000_000) break;
      }
      const seconds = (there(times.at(-1)) - there(times[0])) / 1e6;
      const rate = (times.length - 1 + dropped) / seconds;
      const wanted = Math.min(maxFrameRate, 30);
      assert.ok(rate > wanted * 0.8 && rate < wanted * 1.1, `${rate} of ${maxFrameRate} a second`);
    }),
  );
});

test('sampleRate, numberOfChannels and frameDuration: each piece is as long as asked, and they follow each other', async (t) => {
  const { track } = await localTrack(t, 'audio', 'red-440hz.mp4');
  // Room for all of it, however busy the machine is.
  const maxBufferSize = 1000;
  await Promise.all(
    (
      [
        [8000, 1, 2500],
        [11025, 2, 5000],
        [16000, 1, 7300],
        [22050, 1, 10_000],
        [44100, 2, 33_333],
        [48000, 2, 60_000],
        [96000, 1, 120_000],
      ] as const
    ).map(async ([sampleRate, numberOfChannels, frameDuration]) => {
      const audio = { sampleRate, numberOfChannels, frameDuration, format: 'f32-planar' } as const;
      const pieces = await read<AudioData>(
        { track, audio, maxBufferSize },
        Math.ceil(600_000 / frameDuration),
      );
      const samples = Math.floor((sampleRate * frameDuration) / 1e6);
      for (const [i, piece] of pieces.entries()) {
        assert.deepEqual(
          [piece.sampleRate, piece.numberOfChannels, piece.numberOfFrames],
          [sampleRate, numberOfChannels, samples],
        );
        const lost = i === 0 ? 0 : piece.metadata().dropped;
        const before = pieces[i - 1]?.timestamp ?? piece.timestamp - (samples * 1e6) / sampleRate;
        const wanted = before + ((1 + lost) * samples * 1e6) / sampleRate;
        assert.ok(Math.abs(piece.timestamp - wanted) <= 2, `${sampleRate} Hz: piece ${i}`);
      }
      const sound = soundOf(pieces);
      // The file's loop begins anew somewhere, with a click.
      const tone = strongestTone({ ...sound, samples: sound.samples.slice(sampleRate / 10) });
      assert.equal(tone.frequency, 440, `${sampleRate} Hz`);
      assert.ok(tone.share > 0.8, `${sampleRate} Hz: share of the tone: ${tone.share}`);
      closeAll(pieces);
    }),
  );
});

test('without options sound is as it is: its rate, its channels, no resampling', async (t) => {
  const { track } = await localTrack(t, 'audio', 'red-440hz.mp4');
  const pieces = await read<AudioData>({ track }, 5);
  for (const piece of pieces) {
    assert.equal(piece.format, 's16');
    assert.ok(piece.numberOfFrames > 0 && piece.duration > 0);
  }
  closeAll(pieces);
});

test('wrong values are refused at once, by name', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const { track: sound } = await localTrack(t, 'audio', 'red-440hz.mp4');
  const whole = (most: number, least = 1): string =>
    `expected a whole number of ${least} to ${most}`;
  for (const [options, message] of [
    [{ track, maxBufferSize: 0 }, `maxBufferSize: ${whole(1000)}, got 0`],
    [{ track, maxBufferSize: 1.5 }, `maxBufferSize: ${whole(1000)}, got 1.5`],
    [{ track, maxBufferSize: 1001 }, `maxBufferSize: ${whole(1000)}, got 1001`],
    [{ track, video: 7 }, 'video: expected an object, got 7'],
    [{ track, video: { width: 0 } }, `video.width: ${whole(8192)}, got 0`],
    [{ track, video: { height: 8193 } }, `video.height: ${whole(8192)}, got 8193`],
    [{ track, video: { width: '9' } }, `video.width: ${whole(8192)}, got `],
    [{ track, video: { format: 'YUYV' } }, 'video.format: expected one of I420, '],
    [{ track, video: { maxFrameRate: 0 } }, 'video.maxFrameRate: expected a number above 0, got 0'],
    [{ track, video: { maxFrameRate: Infinity } }, 'video.maxFrameRate: '],
    [{ track: sound, audio: null }, 'audio: expected an object, got null'],
    [{ track: sound, audio: { sampleRate: 2999 } }, `audio.sampleRate: ${whole(192_000, 3000)}`],
    [{ track: sound, audio: { sampleRate: 1e6 } }, `audio.sampleRate: ${whole(192_000, 3000)}`],
    [{ track: sound, audio: { sampleRate: 44100.5 } }, 'audio.sampleRate: '],
    [{ track: sound, audio: { numberOfChannels: 9 } }, `audio.numberOfChannels: ${whole(8)}`],
    [{ track: sound, audio: { format: 'f64' } }, 'audio.format: expected one of u8, '],
    [
      { track: sound, audio: { frameDuration: 999 } },
      'audio.frameDuration: expected µs, of 1000 to 1000000, got 999',
    ],
    [{ track: sound, audio: { frameDuration: 1_000_001 } }, 'audio.frameDuration: '],
    [{ track: sound, audio: { frameDuration: NaN } }, 'audio.frameDuration: '],
    [{ track: { kind: 'text' } }, 'init.track: expected a MediaStreamTrack'],
    [undefined, 'init.track: expected a MediaStreamTrack, got undefined'],
  ] as const) {
    assert.throws(
      () => new MediaStreamTrackProcessor(options as unknown as MediaStreamTrackProcessorInit),
      (error: Error) => error instanceof TypeError && error.message.startsWith(message),
      message,
    );
  }
  // What is of the other kind says nothing.
  closeAll(await read<VideoFrame>({ track, audio: { sampleRate: 16_000 } }, 1));
});
