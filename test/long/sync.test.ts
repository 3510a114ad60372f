// Takes more than a minute of real time: not among the tests of every run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, join, openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { clipTrack, flashesAndBeeps, makeClip } from '../sources/support/files.js';

const SECONDS = 60;
const MOST_SKEW_MS = 40;
// mu-law of the beep's loud samples: the smaller the code without its sign, the louder.
const LOUD = 0x30;

/** When something began, after half a second without: by the clock, and by RTP's time in ms. */
type Onset = { arrived: number; stamped: number };

class Onsets {
  readonly all: Onset[] = [];
  #quiet = -Infinity;

  see(arrived: number, stamped: number): void {
    if (arrived - this.#quiet > 500) this.all.push({ arrived, stamped });
    this.#quiet = arrived;
  }
}

/** RTP timestamps as milliseconds since the first, across the wrap. */
function unwrap(clockRate: number): (timestamp: number) => number {
  let first: number | undefined;
  return (timestamp) => {
    first ??= timestamp;
    return ((timestamp - first) >>> 0) / (clockRate / 1000);
  };
}

async function beeps(room: Room, producer: { readonly id: string }): Promise<Onsets> {
  const onsets = new Onsets();
  const tap = await room.plainTap(producer);
  const time = unwrap(8000);
  tap.on('packet', ({ payload, timestamp }) => {
    const at = payload.findIndex((code) => (~code & 0x7f) > LOUD);
    const stamped = time(timestamp);
    if (at >= 0) onsets.see(performance.now(), stamped + at / 8);
  });
  return onsets;
}

/** A picture that differs much from the one before takes more bytes than one that does not. */
async function flashes(room: Room, producer: { readonly id: string }): Promise<Onsets> {
  const onsets = new Onsets();
  const tap = await room.plainTap(producer);
  const time = unwrap(90_000);
  const sizes: number[] = [];
  let size = 0;
  tap.on('packet', ({ payload, timestamp, marker }) => {
    size += payload.length;
    if (!marker) return;
    const stamped = time(timestamp);
    const usual = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? Infinity;
    if (size > 2 * usual) onsets.see(performance.now(), stamped);
    sizes.push(size);
    if (sizes.length > 60) sizes.shift();
    size = 0;
  });
  return onsets;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

test(
  `sound and picture of a looping file are together over ${SECONDS} s`,
  { timeout: (SECONDS + 60) * 1000 },
  async (t) => {
    const path = await makeClip(t, 'flashes.mp4', {
      inputs: flashesAndBeeps,
      coding: ['-c:v', 'libx264', '-preset', 'fast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
      seconds: 7,
    });
    const room = await openRoom(t);
    const alice = await join(room);
    const transport = await alice.createSendTransport();
    const [video, audio] = await Promise.all([
      transport.produce({
        track: clipTrack('video', path, { loop: true }),
        codec: codecOf(alice.device, 'video/VP8'),
      }),
      transport.produce({
        track: clipTrack('audio', path, { loop: true }),
        codec: codecOf(alice.device, 'audio/PCMU'),
      }),
    ]);
    const [seen, heard] = await Promise.all([flashes(room, video), beeps(room, audio)]);
    const started = performance.now();
    await until('a minute', () => performance.now() - started > SECONDS * 1000, {
      timeoutMs: (SECONDS + 10) * 1000,
    });
    const pairs = heard.all.flatMap((beep) => {
      const flash = seen.all.find(({ arrived }) => Math.abs(arrived - beep.arrived) < 400);
      return flash ? [{ beep, flash }] : [];
    });
    const skews = pairs.map(({ beep, flash }) => beep.arrived - flash.arrived);
    const stamps = pairs.map(({ beep, flash }) => beep.stamped - flash.stamped);
    const drifts = stamps.map((stamp) => stamp - (stamps[0] ?? NaN));
    const worst = (values: number[]): number => Math.max(...values.map(Math.abs));
    t.diagnostic(
      `${pairs.length} flashes with their beeps; the beep arrives ${median(skews).toFixed(1)} ms after the flash ` +
        `(median; ${Math.min(...skews).toFixed(1)} to ${Math.max(...skews).toFixed(1)} ms); ` +
        `RTP times drift by ${worst(drifts).toFixed(1)} ms at most`,
    );
    assert.ok(pairs.length > 0.8 * SECONDS, `${pairs.length} flashes with their beeps`);
    assert.ok(Math.abs(median(skews)) < MOST_SKEW_MS, `${median(skews)} ms apart`);
    assert.ok(worst(drifts) < MOST_SKEW_MS, `RTP times drift by ${worst(drifts)} ms`);
  },
);
