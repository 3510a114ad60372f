import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createWorker } from 'mediasoup-client-pion';
import { codecOf, domEvent, event, join, openRoom, until } from '../e2e/session.js';
import { decodePictures, decodeSound } from '../e2e/support/decode.mjs';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import { loudness } from '../e2e/support/tone.mjs';
import { clipTrack, makeClip, redOverBlue, tone } from './support/files.js';

const loop = { loop: true };
const upper = { bottom: 0.4 };
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const coding = [...x264, '-c:a', 'aac'];
const film = (t: TestContext, seconds = 2): Promise<string> =>
  makeClip(t, 'film.mp4', { inputs: [...redOverBlue, ...tone], coding, seconds });

/** How often this process has the file open. */
function openCount(path: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      return false;
    }
  }).length;
}

/** Counts the `ended` events of a track. */
function endings(track: Pick<EventTarget, 'addEventListener'>): { count: number } {
  const counter = { count: 0 };
  track.addEventListener('ended', () => {
    counter.count += 1;
  });
  return counter;
}

for (const [codec, audioCodec] of [
  ['video/VP8', 'audio/opus'],
  ['video/H264', 'audio/PCMU'],
] as const) {
  test(`enabled = false sends black and silence in ${codec} and ${audioCodec}, and the content comes back`, async (t) => {
    const path = await film(t);
    const room = await openRoom(t);
    const alice = await join(room);
    const transport = await alice.createSendTransport();
    const tracks = { video: clipTrack('video', path, loop), audio: clipTrack('audio', path, loop) };
    const other = clipTrack('video', path, loop);
    const video = await transport.produce({
      track: tracks.video,
      codec: codecOf(alice.device, codec),
      disableTrackOnPause: false,
    });
    const audio = await transport.produce({
      track: tracks.audio,
      codec: codecOf(alice.device, audioCodec),
    });
    const undisturbed = await transport.produce({
      track: other,
      codec: codecOf(alice.device, codec),
    });
    const check = async (enabled: boolean): Promise<void> => {
      const [pictures, others, sound] = await Promise.all([
        // Black comes once a second, and when the decoder begins.
        decodePictures(room, video, { count: 2 }),
        decodePictures(room, undisturbed, { count: 2 }),
        decodeSound(room, audio, { seconds: 0.5 }),
      ]);
      const want = enabled ? colours.red : colours.black;
      for (const picture of pictures) {
        const colour = meanColour(picture, upper);
        assert.ok(colourDistance(colour, want) < 24, JSON.stringify({ enabled, colour }));
      }
      for (const picture of others) {
        assert.ok(colourDistance(meanColour(picture, upper), colours.red) < 24);
      }
      if (enabled) assert.ok(loudness(sound) > 0.02, `loudness: ${loudness(sound)}`);
      else assert.ok(loudness(sound) < 0.001, `loudness: ${loudness(sound)}`);
    };
    for (const enabled of [true, false, true]) {
      for (const track of Object.values(tracks)) track.enabled = enabled;
      await check(enabled);
    }
  });
}

test('stop() ends at once without an event; the last one closes the source', async (t) => {
  const path = await film(t);
  const worker = await createWorker();
  t.after(() => {
    worker.close();
  });
  const constraint = { source: 'file' as const, file: path, loop: true };
  const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
  const clone = stream.clone();
  assert.equal(openCount(path), 1);
  const all = [...stream.getTracks(), ...clone.getTracks()];
  const counters = all.map((track) => endings(track));
  for (const track of all.slice(0, -1)) {
    track.stop();
    assert.equal(track.readyState, 'ended');
  }
  assert.equal(stream.active, false);
  assert.equal(clone.active, true);
  assert.equal(openCount(path), 1);
  all.at(-1)?.stop();
  assert.equal(clone.active, false);
  await until('the file to close', () => openCount(path) === 0, { everyMs: 5 });
  assert.deepEqual(
    counters.map(({ count }) => count),
    [0, 0, 0, 0],
  );
});

test('the end of a file fires ended once on each track, without an error', async (t) => {
  const path = await film(t, 0.5);
  const room = await openRoom(t);
  const transport = await (await join(room)).createSendTransport();
  const track = clipTrack('video', path);
  // A clone of a track that names its source is another track of that source.
  const clone = track.clone();
  const counters = [endings(track), endings(clone)];
  const producers = await Promise.all([
    transport.produce({ track }),
    transport.produce({ track: clone }),
  ]);
  await Promise.all([
    domEvent(track as never, 'ended'),
    domEvent(clone as never, 'ended'),
    ...producers.map((producer) => event(producer, 'trackended')),
  ]);
  assert.deepEqual([track.readyState, clone.readyState], ['ended', 'ended']);
  assert.equal(track.data['error'], undefined);
  assert.equal(track.clone().readyState, 'ended');
  track.stop();
  assert.deepEqual(
    counters.map(({ count }) => count),
    [1, 1],
  );
});

test('a source that can not be read on fires ended, and the track tells why', async (t) => {
  // Each picture is more than is read at once: none is still in memory.
  const path = await makeClip(t, 'film.avi', {
    inputs: ['-f', 'lavfi', '-i', 'testsrc2=s=640x480:r=25'],
    coding: ['-c:v', 'mjpeg', '-q:v', '1'],
    seconds: 1,
  });
  const worker = await createWorker();
  t.after(() => {
    worker.close();
  });
  const stream = await worker.getUserMedia({
    video: { source: 'file', file: path, loop: true, decode: true },
  });
  const [track] = stream.getVideoTracks();
  assert.ok(track);
  const counter = endings(track);
  const ended = domEvent(track as never, 'ended', 20_000);
  const room = await openRoom(t);
  const handlerFactory = worker.createHandlerFactory();
  const transport = await (await join(room, handlerFactory)).createSendTransport();
  await truncate(path, 100);
  const producer = await transport.produce({ track: track, stopTracks: false });
  await ended;
  assert.equal(track.readyState, 'ended');
  assert.equal(stream.active, false);
  assert.match(String(track.data.error?.message), /film\.avi.*could not be read on/);
  assert.equal(counter.count, 1);
  producer.close();
});

test('clones are enabled and stopped on their own; a closed stream ends its tracks only', async (t) => {
  const path = await film(t);
  const worker = await createWorker();
  t.after(() => {
    worker.close();
  });
  const constraint = { source: 'file' as const, file: path, loop: true };
  const stream = await worker.getUserMedia({ video: constraint });
  const [track] = stream.getVideoTracks();
  assert.ok(track);
  track.enabled = false;
  const clone = track.clone();
  assert.equal(clone.enabled, false);
  assert.equal(clone.data.playerId, track.data.playerId);
  clone.enabled = true;
  assert.equal(track.enabled, false);

  const room = await openRoom(t);
  const transport = await (await join(room, worker.createHandlerFactory())).createSendTransport();
  const [dark, bright] = await Promise.all([
    transport.produce({ track: track, disableTrackOnPause: false }),
    transport.produce({ track: clone, disableTrackOnPause: false }),
  ]);
  const [black, red] = await Promise.all([
    decodePictures(room, dark, { count: 1 }),
    decodePictures(room, bright, { count: 1 }),
  ]);
  assert.ok(black[0] && colourDistance(meanColour(black[0], upper), colours.black) < 24);
  assert.ok(red[0] && colourDistance(meanColour(red[0], upper), colours.red) < 24);

  const removed = track.clone();
  stream.addTrack(removed);
  assert.deepEqual(stream.getTracks(), [track, removed]);
  stream.removeTrack(removed);
  stream.close();
  assert.equal(track.readyState, 'ended');
  assert.equal(removed.readyState, 'live');
  assert.equal(clone.readyState, 'live');
  assert.equal(stream.active, false);
  removed.stop();
  clone.stop();
  await until('the file to close', () => openCount(path) === 0, { everyMs: 5 });
});
