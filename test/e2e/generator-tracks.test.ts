import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  AudioData,
  AudioTrackGenerator,
  VideoFrame,
  VideoTrackGenerator,
  createWorker,
} from 'mediasoup-client-pion';
import { domEvent, fileTrack, join, openRoom, silence, until } from './session.js';
import { decodePictures, decodeSound } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { loudness, strongestTone } from './support/tone.mjs';

/** A tone of 16 kHz that goes on from call to call. */
function toneOf(hertz: number): () => AudioData {
  let at = 0;
  return () => {
    const data = Int16Array.from(
      { length: 320 },
      (_, i) => 8000 * Math.sin((2 * Math.PI * hertz * (at + i)) / 16_000),
    );
    at += data.length;
    return new AudioData({
      ...{ format: 's16', sampleRate: 16_000, timestamp: 0, data },
      ...{ numberOfFrames: data.length, numberOfChannels: 1 },
    });
  };
}

/** Plays a tone until the generator ends; resolves to what the last write() failed with. */
async function play(generator: AudioTrackGenerator, hertz: number): Promise<Error> {
  const next = toneOf(hertz);
  try {
    for (;;) await generator.write(next());
  } catch (error) {
    return error as Error;
  }
}

function blue(): VideoFrame {
  const data = new Uint8Array(160 * 120 * 1.5).fill(240, 160 * 120).fill(41, 0, 160 * 120);
  return new VideoFrame(data.fill(110, 160 * 120 * 1.25), {
    ...{ format: 'I420', codedWidth: 160, codedHeight: 120 },
    timestamp: performance.now() * 1000,
  });
}

function show(t: TestContext, generator: VideoTrackGenerator): void {
  const timer = setInterval(() => {
    generator.write(blue()).catch(() => undefined);
  }, 40);
  t.after(() => {
    clearInterval(timer);
  });
}

test('a clone is sent beside the track, and each is stopped by itself', async (t) => {
  const room = await openRoom(t);
  const generator = new AudioTrackGenerator();
  // Before there is a native track, and a clone of a clone.
  const between = generator.track.clone();
  const early = between.clone();
  between.stop();
  const played = play(generator, 500);
  const [alice, bob] = [await join(room), await join(room)];
  const one = await (await alice.createSendTransport()).produce({ track: generator.track });
  const clone = generator.track.clone();
  assert.notEqual(clone.id, generator.track.id);
  const two = await (await bob.createSendTransport()).produce({ track: clone });
  const three = await (await bob.createSendTransport()).produce({ track: early });
  for (const producer of [one, two, three]) {
    assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 500);
  }
  clone.enabled = false;
  await until('silence', async () => loudness(await decodeSound(room, two)) < 0.001);
  assert.equal(strongestTone(await decodeSound(room, one)).frequency, 500);

  const tap = await room.plainTap(one);
  generator.track.stop();
  await silence(tap);
  assert.equal(clone.readyState, 'live');
  clone.enabled = true;
  await until('sound', async () => loudness(await decodeSound(room, two)) > 0.1);
  // A clone of what is left, of a track whose original has ended.
  const last = clone.clone();
  assert.equal(generator.track.clone().readyState, 'ended');
  clone.stop();
  early.stop();
  const four = await (await bob.createSendTransport()).produce({ track: last });
  assert.equal(strongestTone(await decodeSound(room, four)).frequency, 500);
  last.stop();
  assert.equal((await played).name, 'InvalidStateError');
});

test('clones that are made of an ended track count for nothing: writing ends with the last that is live', async () => {
  const generator = new AudioTrackGenerator();
  const clone = generator.track.clone();
  const played = play(generator, 500);
  await until('write() waits', () => generator.queuedDuration > 0.7);
  generator.track.stop();
  const ended = [generator.track.clone(), generator.track.clone().clone()];
  for (const { readyState } of ended) assert.equal(readyState, 'ended');
  // At once: before anything that the core may say.
  const order: string[] = [];
  const waiting = played.then(({ name }) => order.push(name));
  clone.stop();
  const late = assert.rejects(generator.write(toneOf(500)()), { name: 'InvalidStateError' });
  const turn = new Promise<void>((resolve) => process.nextTick(resolve)).then(() =>
    order.push('a turn'),
  );
  await Promise.all([waiting, late, turn]);
  assert.deepEqual(order, ['InvalidStateError', 'a turn']);
});

test('a clone of a track that is stopped at once is sent', async (t) => {
  const room = await openRoom(t);
  const generator = new VideoTrackGenerator();
  const clone = generator.track.clone();
  generator.track.stop();
  show(t, generator);
  const alice = await join(room);
  const producer = await (await alice.createSendTransport()).produce({ track: clone });
  for (const picture of await decodePictures(room, producer)) {
    assert.ok(colourDistance(meanColour(picture), colours.blue) < 24);
  }
  const ended = domEvent(clone as unknown as EventTarget, 'ended');
  await generator.writable.close();
  await ended;
  await assert.rejects(generator.write(blue()), { name: 'InvalidStateError' });
});

test('a clone whose data the app has frozen, made before the generator is open, is as good as any', async (t) => {
  const generator = new AudioTrackGenerator();
  const data = Object.freeze({ remote: false, mine: 1 });
  const clone = generator.track.clone({ data });
  t.after(() => {
    for (const track of [generator.track, clone]) track.stop();
  });
  await generator.write(toneOf(500)());
  for (const track of [generator.track, clone]) assert.equal(track.readyState, 'live');
  assert.equal(typeof generator.track.data.playerId, 'string');
  assert.deepEqual(clone.data, data);
});

test('replaceTrack() goes from a file to a generator, to another one, and back', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const file = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({ track: file(), stopTracks: false });
  const heard = async () => strongestTone(await decodeSound(room, producer)).frequency;
  assert.equal(await heard(), 440);
  const [one, two] = [new AudioTrackGenerator(), new AudioTrackGenerator()];
  const played = [play(one, 700), play(two, 900)];
  await producer.replaceTrack({ track: one.track });
  assert.equal(await heard(), 700);
  await producer.replaceTrack({ track: two.track });
  assert.equal(await heard(), 900);
  await producer.replaceTrack({ track: one.track });
  assert.equal(await heard(), 700);
  const again = file();
  await producer.replaceTrack({ track: again });
  assert.equal(await heard(), 440);
  again.stop();
  for (const { track } of [one, two]) track.stop();
  for (const error of await Promise.all(played)) assert.equal(error.name, 'InvalidStateError');
});

test('replaceTrack() of pictures goes to a generator and back', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const file = () => fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true });
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track: file(), stopTracks: false });
  const generator = new VideoTrackGenerator();
  show(t, generator);
  const sees = async (colour: 'red' | 'blue') => {
    await until(colour, async () =>
      (await decodePictures(room, producer)).every(
        (picture) => colourDistance(meanColour(picture), colours[colour]) < 24,
      ),
    );
  };
  await sees('red');
  await producer.replaceTrack({ track: generator.track });
  await sees('blue');
  const again = file();
  await producer.replaceTrack({ track: again });
  await sees('red');
  again.stop();
  generator.track.stop();
});

test('a Worker that is closed while write() waits leaves the generator to others', async (t) => {
  const room = await openRoom(t);
  const worker = await createWorker();
  const alice = await join(room, worker.createHandlerFactory());
  const generator = new AudioTrackGenerator();
  const transport = await alice.createSendTransport();
  await transport.produce({ track: generator.track, stopTracks: false });
  const played = play(generator, 600);
  await until('write() waits', () => generator.queuedDuration > 0.7);
  worker.close();
  assert.equal(generator.track.readyState, 'live');
  const bob = await join(room);
  const producer = await (await bob.createSendTransport()).produce({ track: generator.track });
  assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 600);
  generator.track.stop();
  assert.equal((await played).name, 'InvalidStateError');
});

test('closed frames and writes after the end are refused, and nothing waits for ever', async () => {
  const audio = new AudioTrackGenerator();
  const video = new VideoTrackGenerator();
  const [sound, picture] = [toneOf(300)(), blue()];
  sound.close();
  picture.close();
  const refused = { name: 'InvalidStateError' };
  await assert.rejects(audio.write(sound), refused);
  await assert.rejects(video.write(picture), refused);
  await assert.rejects(video.write(sound as never), { name: 'TypeError' });
  await audio.write(toneOf(300)());
  await video.write(blue());
  await audio.writable.close();
  await video.writable.close();
  for (const { track } of [audio, video]) assert.equal(track.readyState, 'ended');
  const [late, unseen] = [toneOf(300)(), blue()];
  await assert.rejects(audio.write(late), refused);
  await assert.rejects(video.write(unseen), refused);
  // They are closed all the same.
  assert.equal(late.numberOfFrames, 0);
  assert.equal(unseen.codedWidth, 0);
  await assert.rejects(audio.drained(), refused);
  audio.clear();
  assert.equal(audio.queuedDuration, 0);
});
