import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { MediaRecorder } from 'mediasoup-client-pion';
import { decode, folder, grown, punctual, received, times } from './recordings.js';
import { domEvent, openRoom, until } from './session.js';
import { entriesOf } from './support/layers.mjs';

const passes = async (ms: number) => {
  const began = performance.now();
  await until(`${ms} ms`, () => performance.now() - began > ms);
};

/** Until a file has as much more. */
const grows = (file: string, bytes: number) => grown(file, fs.statSync(file).size + bytes);

/** How many pictures a consumer has got. */
async function pictures(consumer: types.Consumer): Promise<number> {
  const [entry] = entriesOf(await consumer.getStats(), 'inbound-rtp');
  return Number(entry?.['framesReceived'] ?? 0);
}

const steps = (all: number[]) => all.slice(1).map((at, i) => at - (all[i] ?? 0));

for (const [ending, codec] of [
  ['webm', 'video/VP8'],
  ['mp4', 'video/H264'],
] as const) {
  test(`${ending}: a pause is not in the file, and the picture goes on with a keyframe`, async (t) => {
    const room = await openRoom(t);
    // No keyframe comes but those that are asked for.
    const { video, audio } = await received(room, codec, { file: 'red-440hz.mp4' });
    const file = path.join(folder(t), `paused.${ending}`);
    const recorder = new MediaRecorder([video, audio], { file });
    recorder.start();
    await grown(file, 20_000);
    const paused = domEvent(recorder, 'pause');
    recorder.pause();
    await paused;
    assert.equal(recorder.state, 'paused');
    await passes(3000);
    const resumed = domEvent(recorder, 'resume');
    recorder.resume();
    await resumed;
    await grows(file, 20_000);
    const { frames, duration } = await recorder.stop();
    const streams = await decode(file);
    assert.equal(
      streams.reduce((sum, stream) => sum + stream.frames, 0),
      frames,
    );
    for (const stream of ['v:0', 'a:0']) {
      const all = await times(file, stream);
      const longest = Math.max(...steps(all));
      assert.ok(longest < 2, `${stream}: a gap of ${longest} s`);
      assert.ok((all.at(-1) ?? 0) > duration - 1, `${stream} ends at ${all.at(-1)} s`);
    }
  });

  test(`${ending}: a picture that comes when the head is written is in its time`, async (t) => {
    const room = await openRoom(t);
    const sent = { track: punctual(t, codec) };
    const { video, audio, consumers } = await received(room, codec, sent);
    const atServer = room.server.consumers.get(consumers[0].id);
    await atServer?.pause();
    const file = path.join(folder(t), `late.${ending}`);
    const recorder = new MediaRecorder([video, audio], { file });
    recorder.start();
    // Longer than the head waits.
    await grown(file, 2000);
    const began = performance.now();
    await passes(1500);
    const before = await pictures(consumers[0]);
    await atServer?.resume();
    await until(
      'pictures of three seconds',
      async () => (await pictures(consumers[0])) > before + 45,
    );
    const { omittedTracks } = await recorder.stop();
    const since = (performance.now() - began) / 1000;
    assert.equal(omittedTracks, 0);
    assert.ok((await decode(file)).every((stream) => stream.frames > 5));
    const [seen, heard] = [await times(file, 'v:0'), await times(file, 'a:0')];
    const late = (seen[0] ?? 0) - (heard[0] ?? 0);
    // It waited for three seconds, and 1.5 more; the end is the same for both.
    assert.ok(late > 3, `the picture begins ${late} s after the sound`);
    const apart = Math.abs((seen.at(-1) ?? 0) - (heard.at(-1) ?? 0));
    assert.ok(apart < 1, `they end ${apart} s apart, after ${since} s`);
  });
}

test('what ends leaves the others in the file', async (t) => {
  const room = await openRoom(t);
  const one = await received(room, 'video/H264');
  const two = await received(room, 'video/VP8');
  const file = path.join(folder(t), 'ends.mkv');
  const recorder = new MediaRecorder([one.video, one.audio, two.video, two.audio], { file });
  recorder.start();
  await grown(file, 200_000);
  one.video.stop();
  two.audio.stop();
  await grows(file, 250_000);
  assert.equal(recorder.state, 'recording');
  one.audio.stop();
  two.video.stop();
  const { frames } = await recorder.stopped;
  const streams = await decode(file);
  assert.equal(
    streams.reduce((sum, stream) => sum + stream.frames, 0),
    frames,
  );
  const ends = await Promise.all(
    ['v:0', 'a:0', 'v:1', 'a:1'].map(async (stream) => (await times(file, stream)).at(-1) ?? 0),
  );
  const [early, late] = [
    Math.max(ends[0] ?? 0, ends[3] ?? 0),
    Math.min(ends[1] ?? 0, ends[2] ?? 0),
  ];
  assert.ok(late > early + 1, `the streams end at ${ends.join(', ')} s`);
});
