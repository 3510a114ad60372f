import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { codecOf, join, openRoom } from '../e2e/session.js';
import { decodePictures, decodeSound } from '../e2e/support/decode.mjs';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import type { Colour, Picture } from '../e2e/support/picture.mjs';
import { loudness, strongestTone } from '../e2e/support/tone.mjs';
import { clipTrack, makeClip, redOverBlue, tone } from './support/files.js';

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const loop = { loop: true };

function assertColour(picture: Picture, region: Parameters<typeof meanColour>[1], want: Colour) {
  const colour = meanColour(picture, region);
  assert.ok(colourDistance(colour, want) < 24, JSON.stringify({ region, colour, want }));
}

/** Red above and blue below, or left and right, or whatever the regions are. */
function assertHalves(pictures: Picture[], red: object, blue: object): void {
  for (const picture of pictures) {
    assertColour(picture, red, colours.red);
    assertColour(picture, blue, colours.blue);
  }
}

const upper = { bottom: 0.4 };
const lower = { top: 0.6 };

const clips: Record<string, { coding: string[]; codec: string; audioCodec: string }> = {
  'hevc-ac3.mkv': {
    coding: [
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'],
      ...['-pix_fmt', 'yuv420p', '-c:a', 'ac3'],
    ],
    codec: 'video/VP8',
    audioCodec: 'audio/opus',
  },
  'vp9-vorbis.webm': {
    coding: [
      ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
      ...['-c:a', 'libvorbis'],
    ],
    codec: 'video/H264',
    audioCodec: 'audio/PCMU',
  },
  'interlaced.ts': {
    coding: [
      ...['-c:v', 'mpeg2video', '-q:v', '2', '-flags', '+ilme+ildct'],
      ...['-vf', 'tinterlace=interleave_top,fieldorder=tff', '-c:a', 'mp2'],
    ],
    codec: 'video/VP8',
    audioCodec: 'audio/opus',
  },
};

for (const [name, { coding, codec, audioCodec }] of Object.entries(clips)) {
  test(`${name}: picture and sound arrive and are right`, async (t) => {
    const path = await makeClip(t, name, { inputs: [...redOverBlue, ...tone], coding });
    const room = await openRoom(t);
    const alice = await join(room);
    const transport = await alice.createSendTransport();
    const video = await transport.produce({
      track: clipTrack('video', path, loop),
      codec: codecOf(alice.device, codec),
    });
    const audio = await transport.produce({
      track: clipTrack('audio', path, loop),
      codec: codecOf(alice.device, audioCodec),
    });
    const [pictures, sound] = await Promise.all([
      decodePictures(room, video),
      decodeSound(room, audio),
    ]);
    assertHalves(pictures, upper, lower);
    assert.equal(strongestTone(sound).frequency, 440);
    assert.ok(loudness(sound) > 0.02, `loudness: ${loudness(sound)}`);
  });
}

test('rotated.mov: the picture arrives upright', async (t) => {
  const path = await makeClip(t, 'rotated.mov', { inputs: redOverBlue, coding: x264 });
  // A quarter turn to the right (ISO/IEC 14496-12 section 8.3.2): a = 0, b = 1, c = -1, d = 0.
  const file = await readFile(path);
  const matrix = file.indexOf('tkhd') + 44;
  for (const [index, value] of [0, 1, 0, -1, 0].entries()) {
    file.writeInt32BE(value * 65536, matrix + 4 * index);
  }
  await writeFile(path, file);
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  // H264 that fits, too: it is not passed through, or it would lie on its side.
  for (const codec of ['video/VP8', 'video/H264']) {
    const producer = await transport.produce({
      track: clipTrack('video', path, loop),
      codec: codecOf(alice.device, codec),
    });
    const pictures = await decodePictures(room, producer, { width: 120, height: 160 });
    assertHalves(pictures, { left: 0.6 }, { right: 0.4 });
    producer.close();
  }
});

for (const [name, coding] of Object.entries({
  'sound.mp3': ['-c:a', 'libmp3lame', '-ar', '44100'],
  'sound.flac': ['-c:a', 'flac', '-ar', '96000'],
})) {
  test(`${name}: the sound arrives and is right; a picture is refused in words`, async (t) => {
    const path = await makeClip(t, name, { inputs: tone, coding });
    const room = await openRoom(t);
    const alice = await join(room);
    const transport = await alice.createSendTransport();
    const producer = await transport.produce({ track: clipTrack('audio', path, loop) });
    assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 440);
    await assert.rejects(transport.produce({ track: clipTrack('video', path) }), {
      name: 'NotSupportedError',
      message: /holds no video: it holds audio \((mp3|flac)\)/,
    });
  });
}

test('options choose among several streams of a kind', async (t) => {
  const path = await makeClip(t, 'several.mkv', {
    inputs: [...tone, '-f', 'lavfi', '-i', 'sine=880:r=48000'],
    coding: ['-map', '0', '-map', '1', '-c:a', 'flac'],
  });
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const heard = async (options: object) => {
    const producer = await transport.produce({
      track: clipTrack('audio', path, { loop: true, options }),
    });
    return strongestTone(await decodeSound(room, producer)).frequency;
  };
  assert.equal(await heard({ audio_stream: '0' }), 440);
  assert.equal(await heard({ audio_stream: '1' }), 880);
  await assert.rejects(heard({ audio_stream: '2' }), {
    name: 'NotSupportedError',
    message: /no audio stream 2: it holds 0 \(flac 48000 Hz\), 1 \(flac 48000 Hz\)/,
  });
});
