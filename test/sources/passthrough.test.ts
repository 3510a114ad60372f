import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { codecOf, join, openRoom } from '../e2e/session.js';
import { decodePictures } from '../e2e/support/decode.mjs';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import type { RtpPacket } from '../e2e/support/room.mjs';
import { mediaCodecsOf } from '../e2e/support/room.mjs';
import { clip, copied, packetSums, pattern, picture, tone } from './support/clips.mjs';

const baseline = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline'];
const yuv420 = ['-pix_fmt', 'yuv420p'];

function passedTrack(kind: 'audio' | 'video', file: string, data: object = {}) {
  return new FakeMediaStreamTrack({
    kind,
    data: { sourceType: 'file', sourceValue: file, decode: false, loop: true, ...data },
  });
}

async function encoderOf(producer: { getStats(): Promise<RTCStatsReport> }) {
  for (const entry of (await producer.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (entry['type'] === 'outbound-rtp') return entry['encoderImplementation'];
  }
  return undefined;
}

/** The packets of a producer up to the end of a file of the given packets. */
async function bytesOf(t: TestContext, kind: 'audio' | 'video', file: string, codec: string) {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: passedTrack(kind, file),
    codec: codecOf(alice.device, codec),
  });
  const tap = await room.plainTap(producer);
  t.after(() => tap.close());
  return { tap, producer, room };
}

function md5(data: Buffer) {
  return createHash('md5').update(data).digest('hex');
}

test('Opus arrives byte for byte', async (t) => {
  const file = await clip('bytes.opus', [...tone(2), '-c:a', 'libopus', '-frame_duration', '40']);
  const sums = new Set(await packetSums(file, 'a'));
  const { tap } = await bytesOf(t, 'audio', file, 'audio/opus');
  const packets: RtpPacket[] = await tap.packets(60);
  for (const packet of packets) assert.ok(sums.has(md5(packet.payload)), 'not of the file');
  const steps = packets
    .slice(1)
    .map(({ timestamp }, i) => timestamp - (packets[i]?.timestamp ?? 0));
  assert.equal(steps.filter((step) => step === 1920).length > 50, true, `steps ${steps.join()}`);
});

test('H264 arrives byte for byte, with parameter sets before the keyframe', async (t) => {
  const file = await clip('bytes.mp4', [...pattern(2), ...baseline, ...yuv420, '-g', '30']);
  const annexB = await copied(file, '-bsf:v', 'h264_mp4toannexb', '-f', 'h264');
  const units = new Set(unitsOf(annexB).map(md5));
  const { tap } = await bytesOf(t, 'video', file, 'video/H264');
  const packets: RtpPacket[] = await tap.packets(150);
  const arrived = depacketized(packets);
  assert.ok(arrived.length > 40, `${arrived.length} units`);
  for (const unit of arrived) assert.ok(units.has(md5(unit)), `a unit of type ${typeOf(unit)}`);
  const types = arrived.map(typeOf);
  const keyframe = types.indexOf(5);
  assert.deepEqual(types.slice(0, keyframe + 1), [7, 8, 5]);
});

test('a transport stream that begins between keyframes passes from the first one on', async (t) => {
  const whole = await clip('whole.ts', [...pattern(4), ...baseline, ...yuv420, '-g', '50']);
  const stream = readFileSync(whole);
  const file = path.join(path.dirname(whole), 'joined.ts');
  const PACKET = 188;
  writeFileSync(file, stream.subarray(PACKET * Math.floor(stream.length / PACKET / 5)));
  const { tap, producer } = await bytesOf(t, 'video', file, 'video/H264');
  const arrived = depacketized(await tap.packets(60)).map(typeOf);
  const keyframe = arrived.indexOf(5);
  assert.deepEqual(arrived.slice(0, keyframe + 1), [7, 8, 5], `units ${arrived.join()}`);
  assert.equal(await encoderOf(producer), 'passthrough');
});

function typeOf(unit: Buffer) {
  return unit.readUInt8(0) & 31;
}

/** The NAL units of Annex B. */
function unitsOf(data: Buffer) {
  const units: Buffer[] = [];
  let begin = data.indexOf('000001', 0, 'hex');
  while (begin >= 0) {
    const next = data.indexOf('000001', begin + 3, 'hex');
    let end = next < 0 ? data.length : next;
    while (end > begin && data[end - 1] === 0) end -= 1;
    units.push(data.subarray(begin + 3, end));
    begin = next;
  }
  return units;
}

/** The whole NAL units in packets (RFC 6184), without one that is cut off at the end. */
function depacketized(packets: RtpPacket[]) {
  const units: Buffer[] = [];
  let fragments: Buffer[] = [];
  for (const { payload } of packets) {
    if (typeOf(payload) !== 28) {
      units.push(payload);
      continue;
    }
    const header = payload.readUInt8(1);
    if (header & 0x80) fragments = [Buffer.of((payload.readUInt8(0) & 0xe0) | (header & 31))];
    fragments.push(payload.subarray(2));
    if (header & 0x40) units.push(Buffer.concat(fragments));
  }
  return units;
}

test('a codec that a file does not come in is refused with the reason, and the transport goes on', async (t) => {
  const file = await clip('refused.mp4', [
    ...[...pattern(2), ...tone(2), '-c:v', 'libx264', '-profile:v', 'high', '-bf', '0'],
    ...[...yuv420, '-c:a', 'aac'],
  ]);
  const room = await openRoom(t, { mediaCodecs: mediaCodecsOf('opus', 'H264', 'VP8') });
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const refused = async (track: FakeMediaStreamTrack, codec: string, says: RegExp) => {
    const options = { track, codec: codecOf(alice.device, codec) };
    await assert.rejects(transport.produce(options), (error: Error) => {
      assert.equal(error.name, 'NotSupportedError');
      assert.match(error.message, says);
      return true;
    });
  };
  await refused(
    passedTrack('video', file),
    'video/H264',
    /profile High was not negotiated \(42e01f/,
  );
  await refused(passedTrack('audio', file), 'audio/opus', /coded as AAC/);

  // H264 is the router's first, but what passes is VP8.
  const other = await clip('other.webm', [...pattern(2), '-c:v', 'libvpx', '-g', '30', ...yuv420]);
  const producer = await transport.produce({ track: passedTrack('video', other) });
  assert.equal(producer.rtpParameters.codecs[0]?.mimeType, 'video/VP8');
  assert.equal((await decodePictures(room, producer)).length > 0, true);
});

test('replaceTrack() goes from a passed source to a transcoded one and back', async (t) => {
  const red = await clip('swap-red.mp4', [...picture('red', 2), ...baseline, ...yuv420]);
  const blue = await clip('swap-blue.mp4', [...picture('blue', 2), ...baseline, ...yuv420]);
  const room = await openRoom(t);
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track: passedTrack('video', red), codec: codecOf(alice.device, 'video/H264') });
  const shows = async (colour: keyof typeof colours, encoder: string) => {
    for (const decoded of await decodePictures(room, producer)) {
      assert.ok(colourDistance(meanColour(decoded), colours[colour]) < 24, `not ${colour}`);
    }
    assert.equal(await encoderOf(producer), encoder);
  };
  await shows('red', 'passthrough');
  await producer.replaceTrack({ track: passedTrack('video', blue, { decode: true }) });
  await shows('blue', 'OpenH264');
  await producer.replaceTrack({ track: passedTrack('video', red) });
  await shows('red', 'passthrough');
});
