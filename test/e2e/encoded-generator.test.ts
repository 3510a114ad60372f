import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodedTrackGenerator, RTCRtpReceiver, grabFrame } from 'mediasoup-client-pion';
import type { EncodedTrackGeneratorInit } from 'mediasoup-client-pion';
import { play } from './recordings.js';
import { codecOf, join, openRoom, until } from './session.js';
import { avccOf, codedPictures, codedSound } from './support/coded-frames.mjs';
import { defaultMediaCodecs } from './support/codecs.mjs';
import { decodePictures, decodeSound } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { strongestTone } from './support/tone.mjs';

const av1 = { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 };

async function produce(
  room: Awaited<ReturnType<typeof openRoom>>,
  init: EncodedTrackGeneratorInit,
) {
  const generator = new EncodedTrackGenerator(init);
  const client = await join(room);
  const transport = await client.createSendTransport();
  const producer = await transport.produce({
    track: generator.track,
    codec: codecOf(client.device, init.mimeType),
  });
  return { generator, client, transport, producer };
}

for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264']) {
  test(`${mimeType}: pictures of the app's encoder arrive and are right`, async (t) => {
    const room = await openRoom(t);
    const { generator, producer } = await produce(room, { kind: 'video', mimeType });
    const { frames, fps } = codedPictures(mimeType);
    play(t, generator, frames, fps);
    for (const picture of await decodePictures(room, producer)) {
      assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
    }
  });
}

test("AV1 of the app's encoder is decoded at the far end", async (t) => {
  const room = await openRoom(t, { mediaCodecs: [...defaultMediaCodecs, av1] });
  const { generator, producer } = await produce(room, { kind: 'video', mimeType: 'video/AV1' });
  const { frames, fps } = codedPictures('video/AV1');
  play(t, generator, frames, fps);
  const bob = await join(room);
  await bob.createRecvTransport();
  const { track } = await room.consume(bob, producer);
  for (let i = 0; i < 3; i++) {
    const picture = await grabFrame(track);
    const { codedWidth: width, codedHeight: height } = picture;
    assert.deepEqual([width, height], [320, 240]);
    const rgba = new Uint8Array(picture.allocationSize({ format: 'RGBA' }));
    await picture.copyTo(rgba, { format: 'RGBA' });
    picture.close();
    const data = rgba.filter((_, index) => index % 4 !== 3);
    assert.ok(colourDistance(meanColour({ width, height, data }), colours.red) < 24);
  }
});

test('H264 in AVCC arrives as Annex B, with the parameter sets of its description', async (t) => {
  const room = await openRoom(t);
  const { description, frames } = avccOf(codedPictures('video/H264', { color: 'blue' }).frames);
  const init = { kind: 'video', mimeType: 'video/H264', description } as const;
  const { generator, producer } = await produce(room, init);
  play(t, generator, frames, 15);
  for (const picture of await decodePictures(room, producer)) {
    assert.ok(colourDistance(meanColour(picture), colours.blue) < 24);
  }
});

test('AV1 of the app arrives byte for byte, without temporal delimiters', async (t) => {
  const room = await openRoom(t, { mediaCodecs: [...defaultMediaCodecs, av1] });
  const { generator, producer } = await produce(room, { kind: 'video', mimeType: 'video/AV1' });
  const { frames, fps } = codedPictures('video/AV1');
  play(t, generator, frames, fps);
  const sent = new Set(frames.map((frame) => withoutSizes(frame)));
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  assert.ok(consumer.rtpReceiver instanceof RTCRtpReceiver);
  const { readable } = consumer.rtpReceiver.createEncodedStreams();
  let received = 0;
  for await (const frame of readable) {
    const text = withoutSizes(Buffer.from(frame.data));
    assert.ok(sent.has(text), 'a frame that nobody sent');
    received += 1;
    if (received === 20) break;
  }
});

/** The OBUs of a frame, without delimiters: those of a packet need not have sizes. */
function withoutSizes(frame: Buffer): string {
  const units: string[] = [];
  for (let at = 0; at < frame.length;) {
    const header = frame[at] ?? 0;
    at += header & 4 ? 2 : 1;
    let size = frame.length - at;
    if (header & 2) {
      size = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = frame[at++] ?? 0;
        size |= (byte & 127) << shift;
        if (byte < 128) break;
      }
    }
    if (header >> 3 !== 2) units.push(`${header >> 3}:${frame.toString('hex', at, at + size)}`);
    at += size;
  }
  return units.join();
}

test("packets of the app's Opus arrive and are right", async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room, { kind: 'audio', mimeType: 'audio/opus' });
  play(t, generator, codedSound({ frequency: 880 }), 50);
  assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 880);
});

test('a keyframe is asked for when a consumer joins, and again while none is written', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room, { kind: 'video', mimeType: 'video/VP8' });
  let requests = 0;
  generator.onkeyframerequest = () => {
    requests += 1;
  };
  const { frames, fps } = codedPictures('video/VP8');
  // One keyframe alone, to begin with.
  let next = 0;
  const timer = setInterval(() => {
    const data = frames[next === 0 ? 0 : 1 + (next % 14)] ?? Buffer.alloc(0);
    generator.write({ data, timestamp: next * 66_000 }).catch(() => undefined);
    next += 1;
  }, 1000 / fps);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
  await until('a frame was sent', async () => {
    const stats = [...(await producer.getStats()).values()];
    return stats.some(({ type, framesSent }) => type === 'outbound-rtp' && framesSent > 3);
  });
  const before = requests;
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  assert.ok(consumer.rtpReceiver instanceof RTCRtpReceiver);
  const { readable } = consumer.rtpReceiver.createEncodedStreams();
  const reader = readable.getReader();
  const first = reader.read();
  await until('a request for a keyframe', () => requests > before);
  await until('it comes again', () => requests > before + 2);
  await generator.write({ data: frames[0] ?? Buffer.alloc(0), timestamp: next * 66_000 });
  const { value } = await first;
  assert.ok(value && 'type' in value);
  assert.equal(value.type, 'key');
});

test('what the network carries is told', async (t) => {
  const room = await openRoom(t);
  const { generator } = await produce(room, { kind: 'video', mimeType: 'video/VP8' });
  const told: number[] = [];
  generator.addEventListener('bitrateestimate', ({ bitrate }) => told.push(bitrate));
  const { frames, fps } = codedPictures('video/VP8');
  play(t, generator, frames, fps);
  await until('an estimate', () => told.length > 0);
  assert.ok(Number(told[0]) > 10_000);
  assert.equal(generator.bitrateEstimate, told.at(-1));
});

test('a malformed frame is refused with what is wrong, and what follows is sent', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room, { kind: 'video', mimeType: 'video/H264' });
  for (const [data, message] of [
    [Buffer.alloc(0), /chunk.data: malformed frame: it is empty/],
    [Buffer.from([0, 0, 0, 5, 0x65, 1, 2, 3, 4]), /begin with a start code/],
    [Buffer.from([0, 0, 0, 1, 0x65, 1, 2, 3]), /before any sequence parameter set/],
    [Buffer.alloc((8 << 20) + 1), /8388609 bytes, expected at most 8388608/],
  ] as const) {
    await assert.rejects(generator.write({ data, timestamp: 0 }), { name: 'TypeError', message });
  }
  await assert.rejects(generator.write({ data: Buffer.alloc(9), timestamp: NaN }), TypeError);
  await assert.rejects(generator.write({ data: 'text' as never, timestamp: 0 }), TypeError);
  const { frames, fps } = codedPictures('video/H264');
  play(t, generator, frames, fps);
  assert.equal((await decodePictures(room, producer)).length, 5);
});

test('the track comes in its codec alone, and in one encoding', async (t) => {
  const room = await openRoom(t);
  const client = await join(room);
  const transport = await client.createSendTransport();
  const generator = new EncodedTrackGenerator({ kind: 'video', mimeType: 'video/VP9' });
  const { track } = generator;
  t.after(() => {
    track.stop();
  });
  await assert.rejects(
    transport.produce({
      track,
      stopTracks: false,
      codec: codecOf(client.device, 'video/VP8'),
    }),
    /frames are video\/VP9; video\/VP8 was negotiated/,
  );
  await assert.rejects(
    transport.produce({
      track,
      stopTracks: false,
      encodings: [{ maxBitrate: 100_000 }, { maxBitrate: 200_000 }],
    }),
    /one encoding, and are not sent as several/,
  );
  const producer = await transport.produce({ track });
  assert.equal(producer.rtpParameters.codecs[0]?.mimeType, 'video/VP9');
});

test('one track is sent to two servers, and on to one when the other is left; clones of it are refused', async (t) => {
  const rooms = [await openRoom(t), await openRoom(t)] as const;
  const generator = new EncodedTrackGenerator({ kind: 'audio', mimeType: 'audio/opus' });
  const { track } = generator;
  const send = async (room: (typeof rooms)[number], sent: MediaStreamTrack) =>
    (await (await join(room)).createSendTransport()).produce({ track: sent, stopTracks: false });
  const [one, two] = [await send(rooms[0], track), await send(rooms[1], track)];
  play(t, generator, codedSound({ frequency: 880 }), 50);
  assert.equal(strongestTone(await decodeSound(rooms[0], one)).frequency, 880);
  assert.equal(strongestTone(await decodeSound(rooms[1], two)).frequency, 880);
  one.close();
  assert.equal(strongestTone(await decodeSound(rooms[1], two)).frequency, 880);
  await assert.rejects(
    send(rooms[0], track.clone()),
    /a clone of an EncodedTrackGenerator's track can not be sent: the track itself can/,
  );
});

test('closing the writable ends the track, and a write after it is refused', async () => {
  const generator = new EncodedTrackGenerator({ kind: 'audio', mimeType: 'audio/opus' });
  const ended = new Promise((resolve) => {
    generator.track.addEventListener('ended', resolve);
  });
  const writer = generator.writable.getWriter();
  await writer.write({ data: Buffer.from([0x08, 1, 2]), timestamp: 0 });
  await writer.close();
  await ended;
  await assert.rejects(generator.write({ data: Buffer.from([8]), timestamp: 0 }), {
    name: 'InvalidStateError',
  });
});

test('what can be no generator is refused', () => {
  const make = (init: unknown) => () =>
    new EncodedTrackGenerator(init as EncodedTrackGeneratorInit);
  assert.throws(make(undefined), /init: expected/);
  assert.throws(make({ kind: 'text', mimeType: 'video/VP8' }), /init.kind/);
  assert.throws(make({ kind: 'video', mimeType: 5 }), /init.mimeType/);
  assert.throws(make({ kind: 'video', mimeType: 'audio/opus' }), { name: 'NotSupportedError' });
  assert.throws(make({ kind: 'video', mimeType: 'video/H264', description: 'x' }), /description/);
});
