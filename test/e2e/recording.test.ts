import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { MediaRecorder } from 'mediasoup-client-pion';
import type { BlobEvent } from 'mediasoup-client-pion';
import { codecOf, fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';

const run = promisify(execFile);

function folder(t: TestContext): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'recording-'));
  t.after(() => {
    fs.rmSync(made, { recursive: true });
  });
  return made;
}

/** Decodes every frame of a file: the codec of each stream and how many frames there were. */
async function decode(file: string): Promise<{ codec: string; frames: number }[]> {
  const { stdout, stderr } = await run('ffprobe', [
    ...['-v', 'error', '-count_frames', '-of', 'json'],
    ...['-show_entries', 'stream=codec_name,nb_read_frames', file],
  ]);
  assert.equal(stderr, '');
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_name: string; nb_read_frames?: string }[];
  };
  return streams.map((s) => ({ codec: s.codec_name, frames: Number(s.nb_read_frames ?? 0) }));
}

/** Tracks that are received from a participant who sends sound and pictures. */
async function received(room: Room, codec: string, file = 'bars-440hz.mp4') {
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const bob = await join(room);
  await bob.createRecvTransport();
  const video = await sending.produce({
    track: fileTrack('video', file, { loop: true, decode: true }),
    codec: codecOf(alice.device, codec),
  });
  const audio = await sending.produce({ track: fileTrack('audio', file, { loop: true }) });
  return {
    video: (await room.consume(bob, video)).track,
    audio: (await room.consume(bob, audio)).track,
  };
}

const grown = (file: string, bytes: number) =>
  until(`${bytes} bytes`, () => fs.existsSync(file) && fs.statSync(file).size > bytes);

for (const { ending, codec, names } of [
  { ending: 'webm', codec: 'video/VP8', names: ['vp8', 'opus'] },
  { ending: 'mkv', codec: 'video/H264', names: ['h264', 'opus'] },
  { ending: 'mp4', codec: 'video/H264', names: ['h264', 'opus'] },
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
    // In mp4, what begins later has something at the beginning too.
    assert.ok(streams.reduce((sum, stream) => sum + stream.frames, 0) >= frames);
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
  assert.ok(streams.every((stream) => stream.frames > 5));
});

test('without a file the Blobs joined are the recording', async (t) => {
  const room = await openRoom(t);
  const { video, audio } = await received(room, 'video/VP8');
  const recorder = new MediaRecorder([video, audio], { mimeType: 'video/webm' });
  const blobs: Blob[] = [];
  recorder.ondataavailable = ({ data }: BlobEvent) => blobs.push(data);
  recorder.start(200);
  await until('four pieces', () => blobs.length > 3);
  await recorder.stop();
  assert.ok(blobs.every((blob) => blob.type === 'video/webm'));
  const file = path.join(folder(t), 'joined.webm');
  fs.writeFileSync(file, new Uint8Array(await new Blob(blobs).arrayBuffer()));
  assert.ok((await decode(file)).every((stream) => stream.frames > 0));
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

for (const ending of ['webm', 'mkv', 'mp4', 'wav']) {
  test(`${ending}: what is on disk plays after the process was killed`, async (t) => {
    const file = path.join(folder(t), `killed.${ending}`);
    const child = fork(new URL('support/record.mjs', import.meta.url), [file]);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await grown(file, ending === 'wav' ? 300_000 : 60_000);
    child.kill('SIGKILL');
    await gone;
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-count_frames', '-of', 'json'],
      ...['-show_entries', 'stream=nb_read_frames', file],
    ]);
    const { streams } = JSON.parse(stdout) as { streams: { nb_read_frames?: string }[] };
    assert.ok(streams.every((stream) => Number(stream.nb_read_frames) > 5));
  });
}
