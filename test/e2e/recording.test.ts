import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { MediaRecorder } from 'mediasoup-client-pion';
import type { BlobEvent } from 'mediasoup-client-pion';
import { decode, folder, grown, received } from './recordings.js';
import { domEvent, fileTrack, openRoom, until } from './session.js';

for (const { ending, codec, names, type } of [
  { ending: 'webm', codec: 'video/VP8', names: ['vp8', 'opus'], type: 'webm;codecs="vp8,opus"' },
  {
    ending: 'mkv',
    codec: 'video/H264',
    names: ['h264', 'opus'],
    type: 'x-matroska;codecs="avc3,opus"',
  },
  { ending: 'mp4', codec: 'video/H264', names: ['h264', 'opus'], type: 'mp4;codecs="avc3,opus"' },
]) {
  test(`${codec} and Opus that are received are recorded to ${ending}`, async (t) => {
    const room = await openRoom(t);
    const { video, audio } = await received(room, codec);
    const file = path.join(folder(t), `meeting.${ending}`);
    const recorder = new MediaRecorder([video, audio], { file });
    recorder.start();
    await new Promise((resolve) => {
      recorder.onstart = resolve;
    });
    assert.equal(recorder.mimeType, `video/${type}`);
    assert.ok(MediaRecorder.isTypeSupported(recorder.mimeType));
    await grown(file, 100_000);
    const { frames, dropped, duration } = await recorder.stop();
    const streams = await decode(file);
    assert.deepEqual(
      streams.map((stream) => stream.codec),
      names,
    );
    assert.equal(dropped, 0);
    assert.ok(duration > 0.5, `${duration} s`);
    assert.ok(streams.every((stream) => stream.frames > 5));
    assert.equal(
      streams.reduce((sum, stream) => sum + stream.frames, 0),
      frames,
    );
  });
}

for (const ending of ['ogg', 'wav']) {
  test(`sound that is received is recorded to ${ending}`, async (t) => {
    const room = await openRoom(t);
    const { audio } = await received(room, 'video/VP8');
    const file = path.join(folder(t), `sound.${ending}`);
    const recorder = new MediaRecorder(audio, { file });
    recorder.start();
    await grown(file, 4000);
    await recorder.stop();
    assert.equal(recorder.mimeType, `audio/${ending};codecs=${ending === 'ogg' ? 'opus' : '1'}`);
    assert.ok(MediaRecorder.isTypeSupported(recorder.mimeType));
    const [stream] = await decode(file);
    assert.equal(stream?.codec, ending === 'ogg' ? 'opus' : 'pcm_s16le');
    assert.ok(stream.frames > 5);
  });
}

test('several participants are in one file, a track each', async (t) => {
  const room = await openRoom(t);
  const one = await received(room, 'video/VP8');
  const two = await received(room, 'video/H264');
  const file = path.join(folder(t), 'all.mkv');
  const recorder = new MediaRecorder([one.video, one.audio, two.video, two.audio], { file });
  recorder.start();
  await grown(file, 300_000);
  await recorder.stop();
  const streams = await decode(file);
  assert.deepEqual(
    streams.map((stream) => stream.codec),
    ['vp8', 'opus', 'h264', 'opus'],
  );
  assert.equal(recorder.mimeType, 'video/x-matroska;codecs="vp8,opus,avc3"');
  assert.ok(streams.every((stream) => stream.frames > 5));
});

test('without a file the Blobs joined are the recording', async (t) => {
  const room = await openRoom(t);
  const { video, audio } = await received(room, 'video/VP8');
  const recorder = new MediaRecorder([video, audio], { mimeType: 'video/webm' });
  assert.equal(recorder.mimeType, 'video/webm');
  const blobs: Blob[] = [];
  recorder.ondataavailable = ({ data }: BlobEvent) => blobs.push(data);
  recorder.start(200);
  await until('four pieces', () => blobs.length > 3);
  await recorder.stop();
  assert.ok(blobs.every((blob) => blob.type === recorder.mimeType));
  const file = path.join(folder(t), 'joined.webm');
  fs.writeFileSync(file, new Uint8Array(await new Blob(blobs).arrayBuffer()));
  assert.ok((await decode(file)).every((stream) => stream.frames > 0));
});

test('the type tells the codec that was taken of those that were asked for', async (t) => {
  const track = new FakeMediaStreamTrack({
    kind: 'video',
    data: { sourceType: 'device', format: 'lavfi', sourceValue: 'testsrc2=s=160x120:r=30' },
  });
  t.after(() => {
    track.stop();
  });
  for (const [wanted, taken] of [
    ['vp9,opus', 'vp9'],
    ['vp8', 'vp8'],
    ['opus', 'vp8'],
  ]) {
    const asked = `video/webm; codecs="${wanted}"`;
    const recorder = new MediaRecorder(track, { mimeType: asked });
    assert.equal(recorder.mimeType, asked);
    recorder.start();
    await domEvent(recorder, 'start');
    assert.equal(recorder.mimeType, `video/webm;codecs=${taken}`);
    const given = domEvent<BlobEvent>(recorder, 'dataavailable');
    await recorder.stop();
    assert.equal((await given).data.type, recorder.mimeType);
    assert.equal(recorder.mimeType, `video/webm;codecs=${taken}`);
  }
});

test('what cannot be recorded is told', async (t) => {
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  t.after(() => {
    track.stop();
  });
  assert.throws(() => new MediaRecorder(track, { file: 'x.avi' }), { name: 'NotSupportedError' });
  assert.equal(MediaRecorder.isTypeSupported('video/webm;codecs="vp8,opus"'), true);
  assert.equal(MediaRecorder.isTypeSupported('video/webm;codecs=h264'), false);
  const recorder = new MediaRecorder(track, { file: '/nowhere/at/all.webm' });
  assert.throws(() => {
    recorder.pause();
  }, /does not record/);
  const failed = new Promise<Error>((resolve) => {
    recorder.onerror = ({ error }) => {
      resolve(error);
    };
  });
  recorder.start();
  assert.equal((await failed).name, 'NotFoundError');
  await assert.rejects(recorder.stopped, { name: 'NotFoundError' });
  assert.equal(recorder.state, 'inactive');
});

test('a full disk is an error, and the process goes on', async (t) => {
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  t.after(() => {
    track.stop();
  });
  const recorder = new MediaRecorder(track, { file: '/dev/full', mimeType: 'audio/webm' });
  recorder.start();
  await assert.rejects(recorder.stopped, /no space left/);
});
