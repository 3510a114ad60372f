import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AudioData,
  ImageCapture,
  MediaStreamTrackProcessor,
  VideoFrame,
  grabFrame,
} from 'mediasoup-client-pion';
import type { MediaStreamTrackProcessorInit } from 'mediasoup-client-pion';
import {
  assertRising,
  closeAll,
  colourOf,
  isRed,
  localTrack,
  meanRgba,
  read,
  receivedTrack,
  soundOf,
  there,
} from './readings.js';
import { codecOf, fileTrack, join, openRoom } from './session.js';
import { colourDistance, colours } from './support/picture.mjs';
import { strongestTone } from './support/tone.mjs';

for (const codec of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']) {
  test(`${codec}: pictures that are received are read, and one is grabbed`, async (t) => {
    const { consumer } = await receivedTrack(t, 'video', codec);
    const frames = await read<VideoFrame>({ track: consumer.track, video: { format: 'RGBA' } }, 3);
    assertRising(frames);
    for (const frame of frames) {
      assert.deepEqual([frame.codedWidth, frame.codedHeight, frame.format], [320, 240, 'RGBA']);
      const rgba = new Uint8Array(frame.allocationSize());
      await frame.copyTo(rgba);
      assert.ok(isRed(meanRgba(rgba, frame)));
    }
    closeAll(frames);
    const grabbed = await grabFrame(consumer.track, { width: 160 });
    assert.deepEqual([grabbed.codedWidth, grabbed.codedHeight, grabbed.format], [160, 120, 'I420']);
    grabbed.close();
  });
}

for (const codec of ['audio/opus', 'audio/PCMU', 'audio/PCMA']) {
  test(`${codec}: sound that is received is read, as the options say`, async (t) => {
    const { consumer } = await receivedTrack(t, 'audio', codec);
    const pieces = await read<AudioData>(
      {
        track: consumer.track,
        audio: { sampleRate: 16000, numberOfChannels: 1, format: 'f32', frameDuration: 10_000 },
      },
      100,
    );
    assertRising(pieces);
    for (const [i, piece] of pieces.entries()) {
      assert.equal(piece.numberOfFrames, 160);
      assert.deepEqual([piece.sampleRate, piece.numberOfChannels, piece.format], [16000, 1, 'f32']);
      assert.ok(Math.abs(piece.timestamp - there(pieces[0]).timestamp - i * 10_000) <= 1);
    }
    const tone = strongestTone(soundOf(pieces));
    assert.equal(tone.frequency, 440);
    assert.ok(tone.share > 0.8, `share of the tone: ${tone.share}`);
    closeAll(pieces);
  });
}

test('each pixel format and size of a local track, which no server knows', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  for (const format of ['I420', 'I422', 'I444', 'NV12', 'RGBA', 'RGBX', 'BGRA', 'BGRX'] as const) {
    for (const size of [{}, { width: 97, height: 55 }, { height: 480 }]) {
      const [frame] = await read<VideoFrame>({ track, video: { format, ...size } }, 1);
      assert.ok(frame);
      const { width = 'height' in size ? 640 : 320, height = 240 } = size;
      assert.deepEqual(
        [frame.format, frame.codedWidth, frame.codedHeight],
        [format, width, height],
      );
      const colour = await colourOf(frame);
      assert.ok(isRed(colour), `${format}: ${JSON.stringify(colour)}`);
      frame.close();
    }
  }
  const [bgra] = await read<VideoFrame>({ track, video: { format: 'BGRA' } }, 1);
  const bytes = new Uint8Array(there(bgra).allocationSize());
  await there(bgra).copyTo(bytes);
  assert.ok(
    there(bytes[0]) < 16 && there(bytes[1]) < 16 && there(bytes[2]) > 240 && bytes[3] === 255,
  );
  there(bgra).close();
});

test('each sample format of a local track', async (t) => {
  const { track } = await localTrack(t, 'audio', 'red-440hz.mp4');
  for (const format of [
    'u8',
    's16',
    's32',
    'f32',
    'u8-planar',
    's16-planar',
    's32-planar',
    'f32-planar',
  ] as const) {
    const pieces = await read<AudioData>(
      { track, audio: { format, numberOfChannels: 2, frameDuration: 20_000 } },
      15,
    );
    for (const piece of pieces) {
      assert.deepEqual([piece.format, piece.numberOfChannels], [format, 2]);
      assert.equal(piece.duration, 20_000);
    }
    assert.equal(strongestTone(soundOf(pieces)).frequency, 440, format);
    closeAll(pieces);
  }
});

test('maxFrameRate leaves pictures out, and they are not called dropped', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const processor = new MediaStreamTrackProcessor<VideoFrame>({
    track,
    video: { maxFrameRate: 10 },
  });
  const times: number[] = [];
  for await (const frame of processor.readable) {
    times.push(frame.timestamp);
    assert.equal(frame.metadata().dropped, 0);
    frame.close();
    if (times.length === 6) break;
  }
  for (let i = 1; i < times.length; i++) {
    assert.ok(there(times[i]) - there(times[i - 1]) > 90_000, `${i}: too close`);
  }
  assert.equal(processor.droppedFrames, 0);
});

test('who is too slow gets the newest, and is told how many were dropped', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const processor = new MediaStreamTrackProcessor<VideoFrame>({ track, maxBufferSize: 2 });
  const reader = processor.readable.getReader();
  const first = there((await reader.read()).value);
  // Until more pictures have come than there is room for.
  const others = await read<VideoFrame>({ track }, 10);
  closeAll(others);
  const second = there((await reader.read()).value);
  assert.ok(processor.droppedFrames > 0);
  assert.equal(second.metadata().dropped, processor.droppedFrames);
  assert.ok(second.timestamp > first.timestamp + 34_000);
  closeAll([first, second]);
  await reader.cancel();
});

test('who closes no pictures gets an error that says so', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const held: VideoFrame[] = [];
  await assert.rejects(
    async () => {
      for await (const frame of new MediaStreamTrackProcessor<VideoFrame>({ track }).readable)
        held.push(frame);
    },
    (error: Error) => error.name === 'OperationError' && /32 .*close\(\)/s.test(error.message),
  );
  assert.equal(held.length, 32);
  assert.ok(isRed(await colourOf(there(held[0]))));
  closeAll(held);
});

test('two readers of a track are each by themselves, and a disabled track is black', async (t) => {
  const { track } = await localTrack(t, 'video', 'red-440hz.mp4');
  const [one, two] = await Promise.all([
    read<VideoFrame>({ track, video: { width: 64, height: 48 } }, 5),
    read<VideoFrame>({ track, video: { format: 'RGBA' } }, 5),
  ]);
  assert.ok(one.every((frame) => frame.codedWidth === 64));
  assert.ok(two.every((frame) => frame.format === 'RGBA'));
  closeAll([...one, ...two]);
  track.enabled = false;
  for await (const frame of new MediaStreamTrackProcessor<VideoFrame>({ track }).readable) {
    const colour = await colourOf(frame);
    frame.close();
    if (colourDistance(colour, colours.black) < 4) break;
  }
});

test('what goes out as it is can be read, and goes on', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const track = fileTrack('video', 'red-440hz.mp4', { loop: true }) as unknown as MediaStreamTrack;
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track, codec: codecOf(alice.device, 'video/H264') });
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  const [local, received] = await Promise.all([
    read<VideoFrame>({ track }, 10),
    read<VideoFrame>({ track: consumer.track }, 10),
  ]);
  for (const frame of [there(local.at(-1)), there(received.at(-1))])
    assert.ok(isRed(await colourOf(frame)));
  closeAll([...local, ...received]);
  closeAll(await read<VideoFrame>({ track: consumer.track }, 5));
});

test('a track that is not to be decoded cannot be read, and says why', async () => {
  const track = fileTrack('video', 'red-440hz.mp4', { loop: true, decode: false });
  await assert.rejects(grabFrame(track), /decode/);
  track.stop();
});

test('a received track that is disabled goes on, as black', async (t) => {
  const { consumer } = await receivedTrack(t, 'video', 'video/VP8');
  consumer.track.enabled = false;
  for await (const frame of new MediaStreamTrackProcessor<VideoFrame>({ track: consumer.track })
    .readable) {
    const colour = await colourOf(frame);
    frame.close();
    if (colourDistance(colour, colours.black) < 4) break;
  }
});

test('the stream ends with its track: a file to its last sample, a closed consumer, a Worker that closes', async (t) => {
  const { track, worker } = await localTrack(t, 'audio', 'short.mp4', false);
  let duration = 0;
  for await (const piece of new MediaStreamTrackProcessor<AudioData>({ track }).readable) {
    duration += piece.duration;
    piece.close();
  }
  assert.ok(duration > 900_000 && duration < 1_200_000, `${duration} µs`);
  assert.equal(track.readyState, 'ended');

  const { consumer } = await receivedTrack(t, 'video', 'video/VP8');
  for await (const frame of new MediaStreamTrackProcessor<VideoFrame>({ track: consumer.track })
    .readable) {
    frame.close();
    consumer.close();
  }
  await assert.rejects(grabFrame(consumer.track), { name: 'InvalidStateError' });

  const local = await localTrack(t, 'video', 'red-440hz.mp4');
  for await (const frame of new MediaStreamTrackProcessor<VideoFrame>({ track: local.track })
    .readable) {
    frame.close();
    local.worker.close();
  }
  worker.close();
});

test('what names a file is opened by its reader, and options that cannot be are refused at once', async () => {
  const track = fileTrack('video', 'blue.mp4', { loop: true }) as unknown as MediaStreamTrack;
  const frame = await new ImageCapture(track).grabFrame();
  assert.ok(colourDistance(await colourOf(frame), colours.blue) < 24);
  frame.close();
  track.stop();
  for (const [init, name] of [
    [{ track, maxBufferSize: 0 }, 'maxBufferSize'],
    [{ track, video: { width: -1 } }, 'video.width'],
    [{ track, video: { format: 'YUYV' } }, 'video.format'],
    [{ track, video: { maxFrameRate: Number.NaN } }, 'video.maxFrameRate'],
    [{}, 'init.track'],
  ] as const) {
    assert.throws(
      () => new MediaStreamTrackProcessor(init as MediaStreamTrackProcessorInit),
      (error: Error) => error instanceof TypeError && error.message.startsWith(name),
    );
  }
});

test('a picture that does not come is waited for no longer than asked', async (t) => {
  const { room, consumer, producer } = await receivedTrack(t, 'video', 'video/VP8');
  (await grabFrame(consumer.track)).close();
  // By the server: what the sender pauses goes on, as black.
  await room.serverProducer(producer).pause();
  const timeout = 500;
  // What was on its way may still be grabbed.
  const waited = async () => {
    for (;;) {
      const asked = performance.now();
      const frame = await grabFrame(consumer.track, { timeout }).catch(
        (error: unknown) => error as Error,
      );
      if (frame instanceof VideoFrame) frame.close();
      else return { error: frame, ms: performance.now() - asked };
    }
  };
  const { error, ms } = await waited();
  assert.equal(error.name, 'TimeoutError');
  assert.ok(ms > 0.9 * timeout && ms < 10 * timeout, `after ${ms} ms`);
});
