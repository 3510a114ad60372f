import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, event, fileTrack, join, openRoom, until } from './session.js';
import { decodePictures, decodeSound } from './support/decode.mjs';
import { countKeyframes } from './support/first-packet.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { loudness, strongestTone } from './support/tone.mjs';

for (const codec of ['video/VP8', 'video/VP9', 'video/H264']) {
  test(`${codec}: the picture arrives and is right, and so after it was received and sent on`, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const sending = await alice.createSendTransport();
    const producer = await sending.produce({
      // Encoded, although the file could be sent as it is.
      track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
      codec: codecOf(alice.device, codec),
    });
    assert.equal(producer.rtpParameters.codecs[0]?.mimeType, codec);
    for (const picture of await decodePictures(room, producer)) {
      assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
    }

    const bob = await join(room);
    await bob.createRecvTransport();
    const consumer = await room.consume(bob, producer);
    const again = await (
      await bob.createSendTransport()
    ).produce({
      track: consumer.track,
      codec: codecOf(bob.device, codec),
    });
    for (const picture of await decodePictures(room, again)) {
      assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
    }
  });
}

for (const codec of ['audio/opus', 'audio/PCMU', 'audio/PCMA']) {
  test(`${codec}: the tone arrives and is right, and so after it was received and sent on`, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const producer = await (
      await alice.createSendTransport()
    ).produce({
      track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
      codec: codecOf(alice.device, codec),
    });
    assert.equal(producer.rtpParameters.codecs[0]?.mimeType, codec);
    const sound = await decodeSound(room, producer);
    const tone = strongestTone(sound);
    assert.equal(tone.frequency, 440);
    assert.ok(tone.share > 0.9, `share of the tone: ${tone.share}`);
    assert.ok(loudness(sound) > 0.02, `loudness: ${loudness(sound)}`);

    const bob = await join(room);
    await bob.createRecvTransport();
    const consumer = await room.consume(bob, producer);
    const again = await (
      await bob.createSendTransport()
    ).produce({
      track: consumer.track,
      codec: codecOf(bob.device, codec),
    });
    assert.equal(strongestTone(await decodeSound(room, again)).frequency, 440);
  });
}

test('a file of sound alone, of 16 kHz, is resampled', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track: fileTrack('audio', 'tone.wav', { loop: true }) });
  assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 440);
});

test('a keyframe comes soon after a consumer asks for one', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  await bob.createRecvTransport();
  for (const codec of ['video/VP8', 'video/H264']) {
    const transport = alice.sendTransport ?? (await alice.createSendTransport());
    const producer = await transport.produce({
      track: fileTrack('video', 'bars-440hz.mp4', { loop: true, decode: true }),
      codec: codecOf(alice.device, codec),
    });
    const consumer = await room.consume(bob, producer);
    const atServer = room.serverConsumer(consumer);
    await atServer.enableTraceEvent(['keyframe']);
    const keyframes = countKeyframes(atServer);
    // The first one may have passed before it was looked for, and they come on request only.
    await until(
      'a first keyframe',
      async () => {
        if (keyframes.count === 0) await atServer.requestKeyFrame();
        return keyframes.count > 0;
      },
      { everyMs: 200 },
    );
    // Requests are merged over 300 ms (and over more on the server): begin after a pause.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = keyframes.count;
    const asked = performance.now();
    await atServer.requestKeyFrame();
    await until('a keyframe', () => keyframes.count > before, { everyMs: 5 });
    const took = performance.now() - asked;
    assert.ok(took < 1500, `${codec}: ${took} ms`);
    producer.close();
  }
});

test('the end of the file ends the track and the producer hears of it', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const track = fileTrack('video', 'short.mp4');
  const ended = new Promise((resolve) => track.addEventListener('ended', resolve));
  const producer = await (await alice.createSendTransport()).produce({ track, stopTracks: true });
  await event(producer, 'trackended');
  await ended;
  assert.equal(track.readyState, 'ended');
});

test('loop: the file goes on after its end', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const track = fileTrack('video', 'short.mp4', { loop: true });
  const producer = await (await alice.createSendTransport()).produce({ track });
  const tap = await room.plainTap(producer);
  const timestamps: number[] = [];
  tap.on('packet', (packet: { timestamp: number }) => timestamps.push(packet.timestamp));
  await until('three rounds of the file', () => {
    const first = timestamps[0] ?? 0;
    return (((timestamps.at(-1) ?? 0) - first) >>> 0) / 90_000 > 3;
  });
  assert.equal(track.readyState, 'live');
  // Each of three rounds would show a gap; a busy machine may drop pictures now and then.
  const gaps = timestamps
    .slice(1)
    .map((timestamp, index) => ((timestamp - (timestamps[index] ?? 0)) >>> 0) / 90)
    .filter((milliseconds) => milliseconds > 200);
  assert.ok(gaps.length < 3, `gaps of ${gaps.join(', ')} ms`);
});

test('the server hears how loud the sound is (RFC 6464)', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
  const observer = await room.router.createAudioLevelObserver({ threshold: -80, interval: 250 });
  const heard = new Promise<number>((resolve) => {
    observer.on('volumes', ([first]) => {
      if (first) resolve(first.volume);
    });
  });
  await observer.addProducer({ producerId: producer.id });
  const volume = await heard;
  // ffmpeg's sine is at an eighth of full scale: 3 dB for the sine, 18 dB for the eighth.
  assert.ok(volume > -26 && volume < -16, `${volume} dBov`);
});
