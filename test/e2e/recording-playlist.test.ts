import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MediaRecorder } from 'mediasoup-client-pion';
import { decode, decodeAll, folder, lengthsOf, received, times } from './recordings.js';
import { fileTrack, openRoom, until } from './session.js';

const script = new URL('support/record.mjs', import.meta.url);
const segments = (file: string, count: number) =>
  until(`${count} segments`, () => lengthsOf(file).length >= count);

/** What a playlist promises of its segments, in seconds. */
const targetOf = (file: string) =>
  Number(/#EXT-X-TARGETDURATION:(\d+)/.exec(fs.readFileSync(file, 'utf8'))?.[1]);

for (const { name, kinds, codec } of [
  { name: 'H264 and Opus', kinds: ['video', 'audio'], codec: ['h264', 'opus'] },
  { name: 'sound alone', kinds: ['audio'], codec: ['opus'] },
  { name: 'H264 alone', kinds: ['video'], codec: ['h264'] },
] as const) {
  test(`${name} that is received becomes a playlist that plays while it grows, and after`, async (t) => {
    const room = await openRoom(t);
    // No keyframe comes by itself: those at the cuts are asked for.
    const tracks = await received(room, 'video/H264');
    const file = path.join(folder(t), 'live.m3u8');
    const recorder = new MediaRecorder(
      kinds.map((kind) => tracks[kind]),
      { file, segmentDuration: 1000 },
    );
    recorder.start();
    await segments(file, 2);
    const target = targetOf(file);
    const early = await decode(file);
    const live = decodeAll(file);
    await segments(file, lengthsOf(file).length + 2);
    const { frames, duration } = await recorder.stop();
    const streams = await decode(file);
    assert.deepEqual(await live, streams);
    assert.deepEqual(
      streams.map((stream) => stream.codec),
      codec,
    );
    assert.ok(early.every((stream) => stream.frames > 10));
    assert.equal(
      streams.reduce((sum, stream) => sum + stream.frames, 0),
      frames,
    );
    const lengths = lengthsOf(file);
    assert.equal(targetOf(file), target);
    assert.ok(lengths.every((length) => Math.round(length) <= target));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    assert.ok(Math.abs(total - duration) < 1, `${total} s of segments, ${duration} s recorded`);
    assert.match(fs.readFileSync(file, 'utf8'), /#EXT-X-ENDLIST\n$/);
  });
}

test('a segment of received video begins with a keyframe that was asked for', async (t) => {
  const room = await openRoom(t);
  const { video } = await received(room, 'video/H264', { file: 'red-440hz.mp4' });
  const file = path.join(folder(t), 'asked.m3u8');
  const recorder = new MediaRecorder(video, { file, segmentDuration: 1500 });
  recorder.start();
  await segments(file, 4);
  await recorder.stop();
  // One that no keyframe ends is of 3.5 s.
  const lengths = lengthsOf(file);
  const [median = NaN] = lengths.toSorted((a, b) => a - b).slice(lengths.length >> 1);
  assert.ok(median >= 1.3 && median < 3.4, `segments of ${lengths.join(', ')} s`);
});

test('m3u8: what is on disk plays after the process was killed', async (t) => {
  const file = path.join(folder(t), 'killed.m3u8');
  const child = fork(script, [file, JSON.stringify({ segmentDuration: 1000 })]);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await segments(file, 3);
  child.kill('SIGKILL');
  await gone;
  const total = lengthsOf(file).reduce((sum, length) => sum + length, 0);
  for (const stream of await decode(file)) assert.ok(stream.frames > 20 * total);
  const last = (await times(file, 'a:0')).at(-1) ?? 0;
  assert.ok(last > total - 0.5, `${last} s of ${total} s`);
});

test('what HLS can not do is told', async (t) => {
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  t.after(() => {
    track.stop();
  });
  const mimeType = 'application/vnd.apple.mpegurl';
  assert.equal(MediaRecorder.isTypeSupported(`${mimeType};codecs="avc1,opus"`), true);
  assert.equal(MediaRecorder.isTypeSupported(`${mimeType};codecs=vp8`), false);
  assert.throws(() => new MediaRecorder(track, { mimeType }), {
    name: 'NotSupportedError',
    message: /options\.file.*HLS is many files/,
  });
  const file = path.join(folder(t), 'told.m3u8');
  for (const segmentDuration of [0, 499, 60_001, NaN, Infinity, '6000', null, -1] as number[]) {
    assert.throws(() => new MediaRecorder(track, { file, segmentDuration }), {
      name: 'TypeError',
      message: /segmentDuration: expected 500 to 60000 milliseconds/,
    });
  }
  assert.throws(() => new MediaRecorder(track, { file: 'a.mp4', segmentDuration: 6000 }), {
    name: 'TypeError',
    message: /only HLS has segments/,
  });
  const recorder = new MediaRecorder(track, { file, mimeType: 'application/x-mpegURL' });
  assert.throws(() => recorder.start(1000), { name: 'NotSupportedError', message: /no Blobs/ });
  assert.equal(recorder.state, 'inactive');
  recorder.start();
  assert.throws(() => recorder.requestData(), { name: 'NotSupportedError', message: /no Blobs/ });
  await recorder.stop();
  const nowhere = new MediaRecorder(track, { file: '/nowhere/at/all.m3u8' });
  nowhere.start();
  await assert.rejects(nowhere.stopped, { name: 'NotFoundError' });
});

test('received VP8 is no part of a playlist', async (t) => {
  const room = await openRoom(t);
  const { video } = await received(room, 'video/VP8');
  const recorder = new MediaRecorder(video, { file: path.join(folder(t), 'vp8.m3u8') });
  recorder.start();
  await assert.rejects(recorder.stopped, { name: 'NotSupportedError', message: /VP8/ });
});
