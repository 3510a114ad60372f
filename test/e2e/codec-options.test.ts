import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { codecOf, fileTrack, fixture, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { decodeSound } from './support/decode.mjs';
import type { RtpPacket } from './support/room.mjs';
import { toneShare } from './support/tone.mjs';
import { writeWave } from './support/wave.mjs';

const tone = fixture('red-440hz.mp4');
const bars = fixture('bars-440hz.mp4');

type Options = types.ProducerCodecOptions;

async function sender(t: Parameters<typeof openRoom>[0]) {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const produce = (kind: 'audio' | 'video', file: string, codecOptions?: Options) =>
    transport.produce({
      track: fileTrack(kind, 'red-440hz.mp4', { loop: true, sourceValue: file }),
      codec: codecOf(alice.device, kind === 'audio' ? 'audio/opus' : 'video/VP8'),
      ...(codecOptions ? { codecOptions } : {}),
    });
  return { room, produce };
}

/** Packets behind the server until they span `seconds` of RTP time. */
async function spanning(
  room: Room,
  producer: types.Producer,
  seconds: number,
): Promise<RtpPacket[]> {
  const tap = await room.plainTap(producer);
  const packets: RtpPacket[] = [];
  tap.on('packet', (packet) => packets.push(packet));
  const rate = producer.rtpParameters.codecs[0]?.clockRate ?? 0;
  const span = (): number =>
    ((packets.at(-1)?.timestamp ?? 0) - (packets[0]?.timestamp ?? 0)) >>> 0;
  await until(`${seconds} s of packets`, () => span() >= seconds * rate, { timeoutMs: 20_000 });
  await tap.close();
  return packets;
}

const bytesOf = (packets: RtpPacket[]): number =>
  packets.reduce((sum, { payload }) => sum + payload.length, 0);

/** Steps of the timestamp between packets that follow each other. */
function steps(packets: RtpPacket[]): number[] {
  return packets.slice(1).flatMap((packet, index) => {
    const before = packets[index];
    const next = before && ((before.sequenceNumber + 1) & 0xffff) === packet.sequenceNumber;
    return next ? [(packet.timestamp - before.timestamp) >>> 0] : [];
  });
}

function mostFrequent(numbers: number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

// RFC 6716 section 3.1: the first byte of a packet.
const configuration = ({ payload }: RtpPacket): number => (payload[0] ?? 0) >> 3;
const isStereo = ({ payload }: RtpPacket): boolean => ((payload[0] ?? 0) & 4) !== 0;
const isNarrow = (packet: RtpPacket): boolean => {
  const config = configuration(packet);
  return config < 4 || (config >= 16 && config < 20);
};
/** Whether it holds a copy of the one before it (RFC 6716 section 4.2.4), of 20 ms and one channel. */
const hasFec = (packet: RtpPacket): boolean =>
  configuration(packet) < 16 && ((packet.payload[1] ?? 0) & 0x40) !== 0;

test('opusStereo: left and right stay apart; without it they are one', async (t) => {
  const { room, produce } = await sender(t);
  const file = await writeWave(t, 'apart.wav', 4, () => [440, 880]);
  for (const opusStereo of [true, false]) {
    const producer = await produce('audio', file, { opusStereo });
    const parameters: Record<string, unknown> = producer.rtpParameters.codecs[0]?.parameters ?? {};
    assert.equal(parameters['sprop-stereo'], opusStereo ? 1 : 0);
    const [left, right] = await Promise.all(
      [0, 1].map((channel) => decodeSound(room, producer, { channel })),
    );
    assert.ok(left && right);
    const shares = [toneShare(left, 880), toneShare(right, 440)];
    for (const share of shares) {
      assert.ok(opusStereo ? share < 0.05 : share > 0.3, `stereo ${opusStereo}: ${shares.join()}`);
    }
    producer.close();
  }
});

test('opusPtime, opusMaxPlaybackRate, opusMaxAverageBitrate and opusFec shape the packets', async (t) => {
  const { room, produce } = await sender(t);
  const packetsOf = async (options?: Options, file = tone): Promise<RtpPacket[]> =>
    spanning(room, await produce('audio', file, options), 2);
  // What goes on evenly is not worth repeating to libopus, what comes and goes is.
  const beats = await writeWave(t, 'beats.wav', 2, (time) =>
    time % 0.3 < 0.2 ? [440, 440] : [0, 0],
  );
  const [plain, high, narrow, fec, ...timed] = await Promise.all([
    packetsOf(),
    packetsOf({ opusMaxAverageBitrate: 96_000 }),
    packetsOf({ opusMaxPlaybackRate: 8000, opusMaxAverageBitrate: 12_000 }),
    packetsOf({ opusFec: true }, beats),
    ...[10, 40, 60].map((opusPtime) => packetsOf({ opusPtime })),
  ]);
  assert.equal(mostFrequent(steps(plain)), 960);
  assert.deepEqual(
    timed.map((packets) => mostFrequent(steps(packets))),
    [480, 1920, 2880],
  );
  assert.ok(!plain.some(isStereo));
  assert.ok(narrow.every(isNarrow), 'above 4 kHz');
  assert.ok(!plain.some(isNarrow));
  const ratio = bytesOf(high) / bytesOf(narrow);
  assert.ok(ratio > 4, `96 kbit/s is ${ratio} times 12 kbit/s`);
  const repeating = fec.filter(hasFec).length;
  assert.ok(repeating > fec.length / 10, `${repeating} of ${fec.length} packets have FEC`);
  assert.ok(!plain.some(hasFec));
});

test('opusDtx: silence is told of now and then; without it, it is sent like sound', async (t) => {
  const { room, produce } = await sender(t);
  const file = await writeWave(t, 'pauses.wav', 3, (time) => (time < 1 ? [440, 440] : [0, 0]));
  const [silent = [], plain = []] = await Promise.all(
    [true, false].map(async (opusDtx) =>
      spanning(room, await produce('audio', file, { opusDtx }), 3.2),
    ),
  );
  assert.ok(
    silent.length < plain.length * 0.7,
    `${silent.length} packets, ${plain.length} without DTX`,
  );
  // libopus tells of the silence every 400 ms.
  const pauses = steps(silent).filter((step) => step >= 0.3 * 48_000);
  assert.ok(pauses.length >= 2, `${pauses.length} pauses`);
  assert.ok(pauses.every((step) => step <= 0.5 * 48_000));
});

test('opusNack: the server is asked for NACK only where the app wants it', async (t) => {
  const { room, produce } = await sender(t);
  for (const codecOptions of [{ opusNack: true }, { opusNack: false }, undefined]) {
    const producer = await produce('audio', tone, codecOptions);
    const [codec] = room.serverProducer(producer).rtpParameters.codecs;
    const wanted = codec?.rtcpFeedback?.some(
      ({ type, parameter }) => type === 'nack' && !parameter,
    );
    assert.equal(wanted, codecOptions?.opusNack === true);
  }
});

test('videoGoogleMaxBitrate, MinBitrate and StartBitrate bound the encoder', async (t) => {
  const { room, produce } = await sender(t);
  const target = async (producer: types.Producer): Promise<number> => {
    let bitrate: unknown;
    await until('a picture', async () => {
      const report = (await producer.getStats()) as unknown as Map<string, Record<string, unknown>>;
      bitrate = [...report.values()].find(({ type }) => type === 'outbound-rtp')?.['targetBitrate'];
      return bitrate !== undefined;
    });
    return bitrate as number;
  };
  const [low, high, start] = await Promise.all([
    produce('video', bars, { videoGoogleMaxBitrate: 150 }),
    produce('video', bars, { videoGoogleMinBitrate: 1200 }),
    produce('video', bars, { videoGoogleStartBitrate: 200 }),
  ]);
  const first = await target(start);
  assert.ok(first >= 200_000 && first < 500_000, `begins with ${first} bit/s`);
  assert.equal(await target(low), 150_000);
  assert.equal(await target(high), 1_200_000);
  const [few, many] = await Promise.all([spanning(room, low, 3), spanning(room, high, 3)]);
  const ratio = bytesOf(many) / bytesOf(few);
  assert.ok(ratio > 2, `at least 1200 kbit/s is ${ratio} times at most 150 kbit/s`);
  await until('it to grow', async () => (await target(start)) > first);
});

test('a codec option that is wrong is named, and the transport goes on', async (t) => {
  const { room, produce } = await sender(t);
  for (const [name, value] of Object.entries({
    opusStereo: 'yes',
    opusFec: 1,
    opusDtx: 'no',
    opusNack: 0,
    opusPtime: 15,
    opusMaxPlaybackRate: 96_000,
    opusMaxAverageBitrate: -1,
    videoGoogleStartBitrate: 0,
    videoGoogleMaxBitrate: '300',
    videoGoogleMinBitrate: Number.NaN,
  })) {
    await assert.rejects(produce('audio', tone, { [name]: value }), {
      name: 'TypeError',
      message: new RegExp(`^codecOptions\\.${name}: expected `),
    });
  }
  await spanning(room, await produce('audio', tone), 0.2);
});
