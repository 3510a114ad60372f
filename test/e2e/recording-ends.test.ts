import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MediaRecorder, createWorker } from 'mediasoup-client-pion';
import { decode, folder, grown, received, times } from './recordings.js';
import { event, fileTrack, openRoom, until } from './session.js';

const script = new URL('support/record.mjs', import.meta.url);

for (const ending of ['webm', 'mkv', 'mp4', 'ogg', 'wav']) {
  test(`${ending}: what is on disk plays after the process was killed`, async (t) => {
    const file = path.join(folder(t), `killed.${ending}`);
    const child = fork(script, [file]);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await grown(file, 0);
    const began = performance.now();
    await grown(file, { ogg: 20_000, wav: 300_000 }[ending] ?? 60_000);
    const seconds = (performance.now() - began) / 1000;
    child.kill('SIGKILL');
    await gone;
    assert.ok((await decode(file)).every((stream) => stream.frames > 5));
    const last = (await times(file, 'a:0')).at(-1) ?? 0;
    assert.ok(last > seconds - 1, `${last} s of ${seconds} s`);
  });
}

test('a Worker that closes leaves a whole file', async (t) => {
  const room = await openRoom(t);
  const worker = await createWorker({ logLevel: 'none' });
  const handlerFactory = worker.createHandlerFactory();
  const { video, audio } = await received(room, 'video/H264', { handlerFactory });
  const file = path.join(folder(t), 'closed.mp4');
  const recorder = new MediaRecorder([video, audio], { file });
  recorder.start();
  await grown(file, 100_000);
  const closed = event(worker, 'subprocessclose');
  worker.close();
  await closed;
  const { frames } = await recorder.stopped;
  assert.ok(frames > 10);
  assert.equal(recorder.state, 'inactive');
  assert.ok((await decode(file)).every((stream) => stream.frames > 5));
});

test('a consumer that the server pauses leaves a gap, and the file goes on', async (t) => {
  const room = await openRoom(t);
  const { video, audio, consumers } = await received(room, 'video/VP8');
  const file = path.join(folder(t), 'paused.webm');
  const recorder = new MediaRecorder([video, audio], { file });
  recorder.start();
  await grown(file, 100_000);
  const server = (does: 'pause' | 'resume') =>
    Promise.all(consumers.map(async ({ id }) => await room.server.consumers.get(id)?.[does]()));
  await server('pause');
  const paused = performance.now();
  await until('a gap', () => performance.now() - paused > 2500);
  await server('resume');
  await grown(file, 300_000);
  await recorder.stop();
  assert.ok((await decode(file)).every((stream) => stream.frames > 5));
  for (const stream of ['v:0', 'a:0']) {
    const all = await times(file, stream);
    const gap = Math.max(...all.slice(1).map((at, i) => at - (all[i] ?? 0)));
    assert.ok(gap > 1.5 && gap < 10, `${stream}: a gap of ${gap} s`);
  }
});

test('a file may grow no further: an error, the process goes on, and what was written plays', async (t) => {
  const file = path.join(folder(t), 'limited.mkv');
  // In KiB: SIGXFSZ, then EFBIG.
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-c', 'ulimit -f 100; exec "$@"', 'bash', process.execPath, fileURLToPath(script), file],
    { timeout: 60_000 },
  );
  assert.match(stdout, /file too large/);
  assert.ok((await times(file, 'a:0')).length > 5);
  assert.ok((await times(file, 'v:0')).length > 5);
});

test('a folder is no file to record to, and a file is replaced', async (t) => {
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  t.after(() => {
    track.stop();
  });
  const into = folder(t);
  const refused = new MediaRecorder(track, { file: into, mimeType: 'audio/ogg' });
  refused.start();
  await assert.rejects(refused.stopped, /is a directory/);
  const file = path.join(into, 'twice.ogg');
  for (const bytes of [30_000, 6_000]) {
    const recorder = new MediaRecorder(track, { file });
    recorder.start();
    await new Promise((resolve) => {
      recorder.onstart = resolve;
    });
    await grown(file, bytes);
    const { frames } = await recorder.stop();
    assert.equal((await decode(file))[0]?.frames, frames);
  }
});

test('a track that ends while its recording begins is left out, and the other is recorded', async (t) => {
  const into = folder(t);
  // It ends at any time from the call to the first frame, whether it is the first or the second.
  await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const tracks = (['audio', 'video'] as const).map((kind) =>
        fileTrack(kind, 'red-440hz.mp4', { loop: true }),
      );
      t.after(() => {
        for (const track of tracks) track.stop();
      });
      const [ending] = i % 2 === 0 ? tracks : tracks.reverse();
      const file = path.join(into, `${i}.webm`);
      const recorder = new MediaRecorder(tracks, { file });
      recorder.start();
      for (let turn = 0; turn < i >> 1; turn++) await new Promise(setImmediate);
      ending?.stop();
      await Promise.race([grown(file, 10_000), recorder.stopped]);
      const { frames } = await recorder.stop();
      assert.ok(frames > 5, `${i}: ${frames} frames`);
    }),
  );
});
