import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import { AudioData, AudioTrackGenerator, MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import type { SampleFormat } from 'mediasoup-client-pion';
import { join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { decodeSound } from './support/decode.mjs';
import { loudness, strongestTone } from './support/tone.mjs';

type Layout = { format: SampleFormat; sampleRate: number; hertz: number[] };

/** Of the tones below; a sine is softer by the square root of two. */
const AMPLITUDE = 0.25;

/** Makes sound that goes on from call to call: a tone in each channel. */
function tones({ format, sampleRate, hertz }: Layout): (samples: number) => AudioData {
  let at = 0;
  const made = { u8: Uint8Array, s16: Int16Array, s32: Int32Array, f32: Float32Array };
  const [type, planar] = format.split('-') as [keyof typeof made, string | undefined];
  const scale = { u8: 127, s16: 32_767, s32: 2_147_483_647, f32: 1 }[type];
  return (samples) => {
    const data = new made[type](samples * hertz.length);
    for (const [channel, tone] of hertz.entries()) {
      for (let i = 0; i < samples; i++) {
        const value = AMPLITUDE * Math.sin((2 * Math.PI * tone * (at + i)) / sampleRate);
        const place = planar ? channel * samples + i : i * hertz.length + channel;
        data[place] = value * scale + (type === 'u8' ? 128 : 0);
      }
    }
    const timestamp = (at / sampleRate) * 1e6;
    at += samples;
    return new AudioData({
      ...{ format, sampleRate, timestamp, data },
      ...{ numberOfFrames: samples, numberOfChannels: hertz.length },
    });
  };
}

/** Writes pieces of these lengths in turn until it is stopped; write() is what paces it. */
function write(generator: AudioTrackGenerator, layout: Layout, lengths: number[]) {
  const make = tones(layout);
  const state = { going: true };
  const ended = (async () => {
    for (let i = 0; state.going; i++) await generator.write(make(lengths[i % lengths.length] ?? 1));
  })();
  return async () => {
    state.going = false;
    await ended;
    generator.clear();
  };
}

async function produce(room: Room) {
  const generator = new AudioTrackGenerator();
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: generator.track,
    codecOptions: { opusStereo: true },
  });
  return { generator, producer };
}

type Expected = { channel: number; tone: number; about: string; isLevel?: boolean };

/** Waits for a second of the tone. An app that is late, as on a busy machine, catches up: what is heard of that is not pure. */
async function hear(t: TestContext, room: Room, producer: types.Producer, expected: Expected) {
  const { channel, tone, about, isLevel = false } = expected;
  await until(`${tone} Hz of ${about}`, async () => {
    // One channel: ffmpeg makes the sum of two louder.
    const heard = await decodeSound(room, producer, { channel });
    const { frequency, share } = strongestTone(heard);
    const decibels = 20 * Math.log10((loudness(heard) * Math.SQRT2) / AMPLITUDE);
    // 8 bits are noisy.
    if (frequency === tone && share > 0.9 && (!isLevel || Math.abs(decibels) < 1.5)) return true;
    t.diagnostic(`${about}: ${frequency} Hz, a share of ${share}, ${decibels} dB off`);
    return false;
  });
}

const layouts: [SampleFormat, number, number][] = [
  ['u8', 48_000, 1],
  ['s16', 16_000, 2],
  ['s32', 44_100, 6],
  ['f32', 96_000, 2],
  ['u8-planar', 22_050, 2],
  ['s16-planar', 8000, 1],
  ['s32-planar', 24_000, 2],
  ['f32-planar', 32_000, 6],
];

test('sound of each format, layout and rate arrives with its pitch and its level', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room);
  for (const [index, [format, sampleRate, channels]] of layouts.entries()) {
    const tone = 300 + 100 * index;
    const layout = { format, sampleRate, hertz: Array.from({ length: channels }, () => tone) };
    // 10 ms, or what fits nothing.
    const lengths =
      index % 2 === 0 ? [Math.floor(sampleRate / 100)] : [1, 333, 77, sampleRate / 50 + 1];
    const stop = write(generator, layout, lengths);
    await hear(t, room, producer, {
      ...{ channel: 0, tone, about: `${format}, ${sampleRate} Hz, ${channels} channels` },
      isLevel: true,
    });
    await stop();
  }
});

test('the channels of stereo stay apart', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room);
  // Its silence is of one channel.
  await (await room.plainTap(producer)).packets(5);
  const layout = { format: 'f32-planar', sampleRate: 44_100, hertz: [400, 900] } as const;
  const stop = write(generator, { ...layout, hertz: [...layout.hertz] }, [441]);
  for (const [channel, tone] of layout.hertz.entries()) {
    await hear(t, room, producer, { channel, tone, about: `channel ${channel}` });
  }
  await stop();
});

/** What comes of a producer: how loud its pieces of 20 ms are, and whether its packets follow each other in step. */
async function listen(t: TestContext, room: Room, producer: types.Producer) {
  const stamps: number[] = [];
  const tap = await room.plainTap(producer);
  tap.on('packet', (packet: { timestamp: number }) => stamps.push(packet.timestamp));
  const bob = await join(room);
  await bob.createRecvTransport();
  const { track } = await room.consume(bob, producer);
  const reader = new MediaStreamTrackProcessor<AudioData>({
    track,
    maxBufferSize: 100,
    audio: { sampleRate: 48_000, numberOfChannels: 1, format: 'f32', frameDuration: 20_000 },
  }).readable.getReader();
  const loud: boolean[] = [];
  const ended = (async () => {
    for (let next = await reader.read(); next.value; next = await reader.read()) {
      const samples = new Float32Array(next.value.numberOfFrames);
      next.value.copyTo(samples, { planeIndex: 0 });
      next.value.close();
      // 40 dB below the tone: what a codec makes of silence after it is softer.
      loud.push(loudness({ sampleRate: 48_000, samples }) > AMPLITUDE / 140);
    }
  })();
  t.after(() => ended);
  return {
    loud: () => loud.filter(Boolean).length,
    endsIn: (count: number, isLoud: boolean) =>
      loud.length >= count && loud.slice(-count).every((one) => one === isLoud),
    assertInStep: () => {
      assert.ok(stamps.length > 50);
      for (const [i, stamp] of stamps.slice(1).entries()) {
        assert.equal((stamp - (stamps[i] ?? 0)) >>> 0, 960);
      }
    },
  };
}

test('after clear() at most 100 ms more are heard, and silence follows without a gap', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room);
  const heard = await listen(t, room, producer);
  await until('silence', () => heard.endsIn(5, false));
  const make = tones({ format: 's16', sampleRate: 16_000, hertz: [440] });
  let written = 0;
  for (let round = 0; round < 3; round++) {
    const before = heard.loud();
    for (let i = 0; i < 45; i++) {
      await generator.write(make(320));
      written += 0.02;
    }
    await until('sound', () => heard.loud() > before + 10);
    // What had left by then may still be on its way: it is counted by what was written, not by when it comes.
    const left = generator.queuedDuration;
    generator.clear();
    written -= left;
    assert.ok(left > 0.2, `${left} s were left`);
    assert.equal(generator.queuedDuration, 0);
    await until('silence', () => heard.endsIn(20, false));
    // Of what was written 100 ms may follow; pieces of the far end are cut elsewhere.
    const most = Math.round(written / 0.02) + 5 * (round + 1);
    assert.ok(heard.loud() <= most, `${heard.loud()} pieces are loud, expected ${most}`);
  }
  heard.assertInStep();
});

test('an app that is late is followed by silence, and is heard again in step', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room);
  const heard = await listen(t, room, producer);
  const layout = { format: 's16', sampleRate: 24_000, hertz: [440] } as const;
  for (let round = 0; round < 3; round++) {
    const stop = write(generator, { ...layout, hertz: [440] }, [240, 1001]);
    await until('sound', () => heard.endsIn(20, true));
    await stop();
    await until('silence', () => heard.endsIn(20, false));
  }
  heard.assertInStep();
});

test('sound that can not be sent is refused, and the next is sent', async (t) => {
  const generator = new AudioTrackGenerator();
  t.after(() => {
    generator.track.stop();
  });
  const make = (channels: number) =>
    new AudioData({
      ...{ format: 's16', sampleRate: 48_000, timestamp: 0 },
      ...{ numberOfFrames: 480, numberOfChannels: channels, data: new Int16Array(480 * channels) },
    });
  await assert.rejects(generator.write(make(9)), { name: 'TypeError' });
  const closed = make(1);
  closed.close();
  await assert.rejects(generator.write(closed), { name: 'InvalidStateError' });
  await assert.rejects(generator.write({} as never), { name: 'TypeError' });
  const written = make(8);
  await generator.write(written);
  // It is closed by it.
  await assert.rejects(generator.write(written), { name: 'InvalidStateError' });
  await generator.drained();
});
