// Disks that are full, pipes that close, bitrates that are asked for.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { MediaRecorder, createWorker } from 'mediasoup-client-pion';
import type { RecorderErrorEvent } from 'mediasoup-client-pion';
import { decode, folder, grown, received, times } from './recordings.js';
import { event, fileTrack, openRoom } from './session.js';
import { assertAdministrator } from './support/administrator.mjs';

const errorOf = (recorder: MediaRecorder) =>
  new Promise<Error>((resolve) => {
    recorder.onerror = ({ error }: RecorderErrorEvent) => {
      resolve(error);
    };
  });

for (const ending of ['webm', 'mkv', 'mp4', 'm3u8', 'ogg', 'wav']) {
  test(`${ending}: a disk that is full is an error, and what was written plays`, async (t) => {
    assertAdministrator('fills a disk of its own');
    const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'full-'));
    const size = { ogg: '40k', wav: '400k' }[ending] ?? '800k';
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk]);
    t.after(() => {
      execFileSync('umount', [disk]);
      fs.rmdirSync(disk);
    });
    const kinds = ending === 'ogg' || ending === 'wav' ? ['audio'] : ['video', 'audio'];
    const tracks = kinds.map((kind) =>
      fileTrack(kind as 'audio' | 'video', 'bars-440hz.mp4', { loop: true }),
    );
    t.after(() => {
      for (const track of tracks) track.stop();
    });
    const file = path.join(disk, `full.${ending}`);
    const recorder = new MediaRecorder(tracks, {
      file,
      ...(ending === 'm3u8' ? { segmentDuration: 1000 } : {}),
    });
    const failed = errorOf(recorder);
    const began = performance.now();
    recorder.start();
    const error = await failed;
    const seconds = (performance.now() - began) / 1000;
    assert.match(error.message, /no space left/);
    assert.equal(error.name, 'OperationError');
    await assert.rejects(recorder.stopped, error);
    assert.equal(recorder.state, 'inactive');
    // Not one line of complaint.
    for (const stream of await decode(file)) assert.ok(stream.frames > 5);
    const last = (await times(file, 'a:0')).at(-1) ?? 0;
    const lost = ending === 'm3u8' ? 5 : 3;
    assert.ok(last > seconds - lost, `${last} s of ${seconds} s`);
  });
}

test('a pipe that its reader closes is an error, and what went through plays', async (t) => {
  const into = folder(t);
  const [fifo, out] = [path.join(into, 'fifo.webm'), path.join(into, 'out.webm')];
  execFileSync('mkfifo', [fifo]);
  const reader = spawn('sh', ['-c', `exec head -c 150000 < "$1" > "$2"`, 'sh', fifo, out]);
  t.after(() => reader.kill());
  const tracks = (['video', 'audio'] as const).map((kind) =>
    fileTrack(kind, 'bars-440hz.mp4', { loop: true }),
  );
  t.after(() => {
    for (const track of tracks) track.stop();
  });
  let error: Error;
  do {
    // Until the reader is there.
    const recorder = new MediaRecorder(tracks, { file: fifo });
    const failed = errorOf(recorder);
    recorder.start();
    error = await failed;
    assert.equal(recorder.state, 'inactive');
  } while (error.message.includes('no such device or address'));
  assert.match(error.message, /broken pipe/);
  assert.ok((await times(out, 'v:0')).length > 5);
  assert.ok((await times(out, 'a:0')).length > 5);
});

for (const { kind, option, file, rates } of [
  {
    kind: 'video',
    option: 'videoBitsPerSecond',
    file: 'rate.webm',
    rates: [150_000, 900_000],
  },
  { kind: 'audio', option: 'audioBitsPerSecond', file: 'rate.ogg', rates: [12_000, 96_000] },
] as const) {
  test(`${option} is what the file has`, async (t) => {
    const track = fileTrack(kind, 'bars-440hz.mp4', { loop: true, decode: true });
    t.after(() => {
      track.stop();
    });
    for (const wanted of rates) {
      const into = path.join(folder(t), file);
      const recorder = new MediaRecorder(track, { file: into, [option]: wanted });
      recorder.start();
      await grown(into, (wanted / 8) * 4);
      const { duration } = await recorder.stop();
      const rate = (fs.statSync(into).size * 8) / duration;
      t.diagnostic(`${wanted} bit/s were asked for, ${Math.round(rate)} are in the file`);
      assert.ok(rate > 0.4 * wanted && rate < 1.5 * wanted, `${rate} bit/s, asked for ${wanted}`);
    }
  });
}

test('a bitrate of what is received alone is refused, and what was there stays: nothing is encoded', async (t) => {
  const room = await openRoom(t);
  const { video, audio } = await received(room, 'video/VP8');
  const into = folder(t);
  for (const [tracks, options] of [
    [[video, audio], { videoBitsPerSecond: 500_000 }],
    [[audio], { audioBitsPerSecond: 20_000 }],
    [[audio], { videoBitsPerSecond: 500_000 }],
  ] as const) {
    for (const names of [['no.webm'], ['no.m3u8', 'no-init.mp4']] as const) {
      const files = names.map((part) => path.join(into, part));
      // What an older recording left.
      for (const file of files) fs.writeFileSync(file, file);
      const recorder = new MediaRecorder(tracks, { file: path.join(into, names[0]), ...options });
      recorder.start();
      await assert.rejects(recorder.stopped, {
        name: 'NotSupportedError',
        message: /none is encoded/,
      });
      for (const file of files) assert.equal(fs.readFileSync(file, 'utf8'), file);
    }
  }
  // Beside something that is encoded it is of that.
  const own = fileTrack('video', 'bars-440hz.mp4', { loop: true, decode: true });
  t.after(() => {
    own.stop();
  });
  const file = path.join(into, 'both.webm');
  const recorder = new MediaRecorder([video, own], { file, videoBitsPerSecond: 300_000 });
  recorder.start();
  await grown(file, 100_000);
  await recorder.stop();
  assert.ok((await decode(file)).every((stream) => stream.frames > 5));
});

test('tracks of several Workers are in one file, which goes on when one closes', async (t) => {
  const room = await openRoom(t);
  const [one, two] = [
    await createWorker({ logLevel: 'none' }),
    await createWorker({ logLevel: 'none' }),
  ];
  t.after(() => {
    one.close();
    two.close();
  });
  const first = await received(room, 'video/H264', { handlerFactory: one.createHandlerFactory() });
  const second = await received(room, 'video/VP8', { handlerFactory: two.createHandlerFactory() });
  const file = path.join(folder(t), 'workers.mkv');
  const recorder = new MediaRecorder([first.video, first.audio, second.video, second.audio], {
    file,
  });
  recorder.start();
  await grown(file, 300_000);
  const closed = event(two, 'subprocessclose');
  two.close();
  await closed;
  const { size } = fs.statSync(file);
  await grown(file, size + 300_000);
  await recorder.stop();
  const streams = await decode(file);
  assert.deepEqual(
    streams.map((stream) => stream.codec),
    ['h264', 'opus', 'vp8', 'opus'],
  );
  assert.ok(streams.every((stream) => stream.frames > 5));
  const ends = await Promise.all(
    ['a:0', 'a:1'].map(async (stream) => (await times(file, stream)).at(-1) ?? 0),
  );
  assert.ok((ends[0] ?? 0) > (ends[1] ?? 0) + 0.5, `they end at ${ends.join(' and ')} s`);
});
