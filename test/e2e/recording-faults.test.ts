// What a recording goes to fails, while the tracks and other recordings of them go on.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MediaRecorder } from 'mediasoup-client-pion';
import type { MediaRecorderOptions, RecorderErrorEvent } from 'mediasoup-client-pion';
import { decode, folder, grown } from './recordings.js';
import { fileTrack, fixture } from './session.js';

const limited = fileURLToPath(new URL('support/file-size.mjs', import.meta.url));

/** The error that a recording stops with, which it tells of too. */
async function failure(recorder: MediaRecorder): Promise<Error> {
  const told = new Promise<Error>((resolve) => {
    recorder.onerror = ({ error }: RecorderErrorEvent) => {
      resolve(error);
    };
  });
  const error = await told;
  await assert.rejects(recorder.stopped, error);
  assert.equal(recorder.state, 'inactive');
  return error;
}

/** What this process has open within a folder. */
const openIn = (folder: string): string[] =>
  fs.readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const file = fs.readlinkSync(`/proc/self/fd/${descriptor}`);
      return file.startsWith(folder) ? [file] : [];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });

/** Has a recording fail beside one that goes on, and gives the error. */
async function failsBeside(
  t: TestContext,
  file: string,
  options: Omit<MediaRecorderOptions, 'file'> = {},
  whileRecording: () => Promise<void> = () => Promise.resolve(),
): Promise<Error> {
  const tracks = (['video', 'audio'] as const).map((kind) =>
    fileTrack(kind, 'bars-440hz.mp4', { loop: true }),
  );
  t.after(() => {
    for (const track of tracks) track.stop();
  });
  const other = path.join(folder(t), 'other.webm');
  const goesOn = new MediaRecorder(tracks, { file: other });
  goesOn.start();
  await grown(other, 30_000);
  let error: Error;
  do {
    const recorder = new MediaRecorder(tracks, { ...options, file });
    const failed = failure(recorder);
    recorder.start();
    await whileRecording();
    error = await failed;
    // A pipe is refused until its reader is there.
  } while (error.message.includes('no such device or address'));
  assert.equal(error.name, 'OperationError');
  assert.ok(error.message.includes(path.dirname(file)), error.message);
  assert.deepEqual(
    tracks.map((track) => track.readyState),
    ['live', 'live'],
  );
  const { size } = fs.statSync(other);
  await grown(other, size + 30_000);
  await goesOn.stop();
  const streams = await decode(other);
  assert.equal(streams.length, 2);
  for (const { frames } of streams) assert.ok(frames > 20, `${frames} frames`);
  return error;
}

test('a device that is full says what to do, and another recording goes on', async (t) => {
  const error = await failsBeside(t, '/dev/full', { mimeType: 'video/webm' });
  assert.match(error.message, /\/dev\/full: no space left on device: make room/);
  assert.deepEqual(openIn('/dev/full'), []);
});

test('a pipe that its reader closes says so, and another recording goes on', async (t) => {
  const into = folder(t);
  const fifo = path.join(into, 'fifo.webm');
  execFileSync('mkfifo', [fifo]);
  const reader = spawn('head', ['-c', '50000', fifo], { stdio: 'ignore' });
  t.after(() => reader.kill());
  const error = await failsBeside(t, fifo);
  assert.match(error.message, /broken pipe: what reads the pipe has closed it/);
  assert.deepEqual(openIn(into), []);
});

test('a playlist whose folder is taken away says so, and another recording goes on', async (t) => {
  const into = path.join(folder(t), 'playlist');
  fs.mkdirSync(into);
  const file = path.join(into, 'gone.m3u8');
  const error = await failsBeside(t, file, { segmentDuration: 500 }, async () => {
    await grown(file, 0);
    fs.rmSync(into, { recursive: true });
  });
  assert.match(error.message, /no such file or directory: leave the folder where it is/);
  assert.deepEqual(openIn(into), []);
});

for (const ending of ['webm', 'mp4', 'wav']) {
  test(`${ending}: a file that may not become larger is an error, and what was written plays`, async (t) => {
    const file = path.join(folder(t), `limited.${ending}`);
    const { stdout, stderr } = await promisify(execFile)('prlimit', [
      ...['--fsize=400000', '--', process.execPath, limited],
      ...[fixture('bars-440hz.mp4'), file],
    ]);
    const { message, frames, ...rest } = JSON.parse(stdout) as { message: string; frames: number };
    const kinds = ending === 'wav' ? 1 : 2;
    assert.deepEqual(rest, {
      name: 'OperationError',
      isTheSame: true,
      state: 'inactive',
      tracks: Array<string>(kinds).fill('live'),
    });
    assert.ok(message.includes(file), message);
    assert.match(message, /file too large: raise .*ulimit -f/);
    assert.ok(frames > 20, `${frames} frames`);
    assert.equal(stderr, '');
    const streams = await decode(file);
    assert.equal(streams.length, kinds);
    for (const stream of streams) assert.ok(stream.frames > 5, `${stream.frames} frames`);
  });
}
