// Apps that read nothing, or give more than can be taken: memory stays bounded, and they are told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  AudioData,
  AudioTrackGenerator,
  EncodedTrackGenerator,
  MediaRecorder,
  MediaStreamTrackProcessor,
  VideoFrame,
  VideoTrackGenerator,
} from '../../lib/index.js';
import { open, stopped, until } from './support/until-metrics.js';

const limit = { timeout: 60_000 };
const MEGABYTE = 2 ** 20;

test(
  'a generator that is given a minute of sound at once has a second of it in the core, and the rest can be dropped',
  limit,
  async (t) => {
    const worker = await open(t);
    const generator = stopped(t, new AudioTrackGenerator());
    const samples = new Int16Array(480);
    const before = await worker.getMetrics();
    const writes = Array.from({ length: 6000 }, (_, i) =>
      generator.write(
        new AudioData({
          format: 's16',
          sampleRate: 48_000,
          numberOfFrames: 480,
          numberOfChannels: 1,
          timestamp: i * 10_000,
          data: samples,
        }),
      ),
    );
    await until(worker, 'it plays', () => generator.queuedDuration > 0.5);
    assert.ok(generator.queuedDuration < 1.2, `${generator.queuedDuration} s are queued`);
    const { thread } = await worker.getMetrics();
    assert.ok(thread.heldFrames - before.thread.heldFrames > 5000, 'the app holds the rest');
    generator.clear();
    await Promise.all(writes);
    await until(worker, 'nothing is held', (m) => m.thread.heldFrames === before.thread.heldFrames);
    assert.ok(generator.queuedDuration < 0.2, `${generator.queuedDuration} s are left`);
  },
);

test(
  'a processor that nobody reads on holds a few pictures, and has the newest then',
  limit,
  async (t) => {
    const worker = await open(t);
    const generator = stopped(t, new VideoTrackGenerator());
    const { readable } = new MediaStreamTrackProcessor({ track: generator.track });
    const reader = readable.getReader();
    const [codedWidth, codedHeight] = [1920, 1080];
    const data = new Uint8Array((codedWidth * codedHeight * 3) / 2);
    const writer = generator.writable.getWriter();
    // Its luma is its number.
    const write = async (number: number) => {
      data.fill(number, 0, codedWidth * codedHeight);
      const timestamp = number * 33_333;
      const options = { format: 'I420', codedWidth, codedHeight, timestamp } as const;
      await writer.write(new VideoFrame(data, options));
    };
    const first = reader.read();
    await write(16);
    (await first).value?.close();
    let before = 0;
    const last = 220;
    for (let number = 17; number <= last; number++) {
      await write(number);
      if (number === 50) before = process.memoryUsage.rss();
    }
    // 170 more pictures are 500 MB.
    const grown = (process.memoryUsage.rss() - before) / MEGABYTE;
    assert.ok(grown < 100, `${grown} MB more`);
    const { thread } = await worker.getMetrics();
    assert.ok(thread.heldFrames < 10, `${thread.heldFrames} are held`);
    const planes = new Uint8Array(data.length);
    for (let read = 0, number = 0; number < last; read++) {
      const { value } = await reader.read();
      assert.ok(value && read < 10, `picture ${number} is read after ${read} others`);
      await (value as VideoFrame).copyTo(planes);
      value.close();
      [number = 0] = planes;
    }
    await reader.cancel();
    await until(worker, 'nothing is held', (m) => m.thread.heldFrames === 0);
  },
);

test(
  'a recorder whose pipe nobody reads has 32 MB wait, drops and counts the rest, and ends with an error',
  limit,
  async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'careless-'));
    const fifo = path.join(folder, 'fifo.webm');
    execFileSync('mkfifo', [fifo]);
    const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    t.after(() => {
      fs.closeSync(reader);
      fs.rmSync(folder, { recursive: true });
    });
    const generator = stopped(
      t,
      new EncodedTrackGenerator({ kind: 'video', mimeType: 'video/VP8' }),
    );
    const picture = new Uint8Array(MEGABYTE);
    picture.set([0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0]);
    const recorder = new MediaRecorder(generator.track, { file: fifo });
    recorder.start();
    let before = 0;
    for (let i = 0; i < 400; i++) {
      await generator.write({ data: picture, timestamp: i * 20_000 });
      if (i === 60) before = process.memoryUsage.rss();
    }
    const grown = (process.memoryUsage.rss() - before) / MEGABYTE;
    assert.ok(grown < 150, `${grown} MB more after 340 MB more`);
    await assert.rejects(recorder.stop(), {
      name: 'OperationError',
      message: /took nothing for 5s/,
    });
  },
);
