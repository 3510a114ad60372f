import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { MediaRecorder, createWorker } from 'mediasoup-client-pion';
import type { BlobEvent } from 'mediasoup-client-pion';
import { decode, folder, grown, received } from './recordings.js';
import { domEvent, openRoom, until } from './session.js';

const script = fileURLToPath(new URL('support/record-again.mjs', import.meta.url));

function tone(t: TestContext): FakeMediaStreamTrack {
  const track = new FakeMediaStreamTrack({
    kind: 'audio',
    data: { sourceType: 'device', format: 'lavfi', sourceValue: 'sine=440:r=48000' },
  });
  t.after(() => {
    track.stop();
  });
  return track;
}

test('what is received is recorded again to the same file, in the turn of stop()', async (t) => {
  const room = await openRoom(t);
  const { video, audio } = await received(room, 'video/VP8');
  const file = path.join(folder(t), 'again.webm');
  const recorder = new MediaRecorder([video, audio], { file });
  recorder.start();
  await domEvent(recorder, 'start');
  await grown(file, 150_000);
  const first = recorder.stop();
  assert.equal(recorder.state, 'inactive');
  recorder.start();
  assert.equal(recorder.state, 'recording');
  const { frames } = await first;
  assert.equal(recorder.state, 'recording', 'the end of the first is none of the second');
  assert.ok(frames > 20, `${frames} frames`);
  await domEvent(recorder, 'start');
  await grown(file, 20_000);
  const second = await recorder.stop();
  const streams = await decode(file);
  assert.equal(
    streams.reduce((sum, stream) => sum + stream.frames, 0),
    second.frames,
  );
});

test('a recording that is stopped before it began is one of its own', async (t) => {
  const file = path.join(folder(t), 'early.ogg');
  const recorder = new MediaRecorder(tone(t), { file });
  recorder.start();
  const first = recorder.stop();
  recorder.start();
  const second = recorder.stop();
  recorder.start();
  assert.notEqual(recorder.stopped, first);
  assert.notEqual(first, second);
  const early = await Promise.all([first, second]);
  assert.ok(early.every(({ frames }) => frames < 20));
  await grown(file, 10_000);
  const { frames, duration } = await recorder.stop();
  assert.equal((await decode(file))[0]?.frames, frames);
  assert.ok(frames > 20 && duration > 0.4, `${frames} frames, ${duration} s`);
});

test('Blobs of one recording come before those of the next, thrice', async (t) => {
  const into = folder(t);
  const recorder = new MediaRecorder(tone(t), { mimeType: 'audio/webm' });
  const recordings: Blob[][] = [[]];
  const ended: Promise<{ frames: number }>[] = [];
  recorder.ondataavailable = ({ data }: BlobEvent) => recordings.at(-1)?.push(data);
  recorder.onstop = () => recordings.push([]);
  for (let run = 0; run < 3; run++) {
    // Without a timeslice all of it comes at the end.
    recorder.start(run === 1 ? undefined : 100);
    if (run === 0) await until('two pieces', () => recordings[0]?.length === 2);
    if (run === 1) await domEvent(recorder, 'stop');
    if (run === 2)
      await until('two more', () => recordings.length === 3 && recordings[2]?.length === 2);
    ended.push(recorder.stop());
  }
  const results = await Promise.all(ended);
  assert.equal(recordings.length, 4);
  for (const [run, { frames }] of results.entries()) {
    const whole = new Blob(recordings[run]);
    if (frames === 0) continue;
    const file = path.join(into, `${run}.webm`);
    fs.writeFileSync(file, new Uint8Array(await whole.arrayBuffer()));
    assert.equal((await decode(file))[0]?.frames, frames, `recording ${run}`);
  }
  assert.ok(results.every((result, run) => run === 1 || result.frames > 5));
});

test('one that fails leaves the next its own end, and takes nothing from it', async (t) => {
  const into = path.join(folder(t), 'later');
  const file = path.join(into, 'x.ogg');
  const recorder = new MediaRecorder(tone(t), { file });
  recorder.start();
  const first = recorder.stop();
  recorder.start();
  recorder.onerror = () => {
    fs.mkdirSync(into);
  };
  await assert.rejects(first, { name: 'NotFoundError' });
  await grown(file, 5_000);
  assert.ok((await recorder.stop()).frames > 5);
});

test('what is begun from the event of the end, or after tracks have ended, is right', async (t) => {
  const track = tone(t);
  const file = path.join(folder(t), 'event.ogg');
  const recorder = new MediaRecorder(track, { file });
  recorder.start();
  await grown(file, 5_000);
  recorder.onstop = () => {
    recorder.onstop = null;
    recorder.start();
  };
  const first = await recorder.stop();
  assert.ok(first.frames > 5);
  assert.equal(recorder.state, 'recording');
  await domEvent(recorder, 'start');
  const second = recorder.stop();
  recorder.start();
  track.stop();
  // The third waits for the second, and there is nothing left to record.
  await second;
  await assert.rejects(recorder.stopped, /all tracks have ended/);
  assert.throws(() => {
    recorder.start();
  }, /all tracks have ended/);
});

for (const when of ['begun', 'at once']) {
  test(`a process that records three times, stopped ${when}, exits by itself`, async (t) => {
    const file = path.join(folder(t), 'thrice.ogg');
    const { stdout } = await promisify(execFile)(process.execPath, [script, file, when], {
      timeout: 60_000,
    });
    const results = JSON.parse(stdout) as { frames: number }[];
    assert.equal(results.length, 3);
    assert.equal((await decode(file))[0]?.frames, results[2]?.frames);
  });
}

test('a recording that is over before JavaScript had a turn fires start before stop', async (t) => {
  const worker = await createWorker({ logLevel: 'none' });
  t.after(() => {
    worker.close();
  });
  const device = 'testsrc2=size=64x64:rate=30:duration=0.2';
  const stream = await worker.getUserMedia({
    video: { source: 'device', format: 'lavfi', device },
  });
  const recorder = new MediaRecorder(stream);
  const fired: string[] = [];
  for (const type of ['start', 'dataavailable', 'error', 'stop']) {
    recorder.addEventListener(type, ({ type }) => fired.push(type));
  }
  recorder.start();
  // By now the core was asked; its answer, and the end, come when this thread is idle again.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  const end = performance.now() + 3000;
  while (performance.now() < end);
  await recorder.stopped;
  assert.deepEqual(fired, ['start', 'dataavailable', 'stop']);
});
