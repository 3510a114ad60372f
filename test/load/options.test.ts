// Options of `load` whose effect is in what the server receives, and from whom.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { types as server } from 'mediasoup';
import { chance } from '../../lib/cli/load/shares.js';
import { fixture, until } from '../e2e/session.js';
import { load, openServer, start } from './support.js';

const ENDLESS = ['--ramp', '0', '--duration', '600'];
/** A process begins, and its bots join: as long as a busy machine may take. */
const BEGIN = { timeoutMs: 120_000 };

describe('--decode and --no-decode', () => {
  // H264 without B-frames, as it can be sent; and with them, as it can't.
  const [file, withBFrames] = [fixture('bars-440hz.mp4'), fixture('short.mp4')];

  /** What one bot sends: its codec, and whether what describes the pictures is the file's own. */
  async function sent(t: TestContext, name: string, ...flags: string[]) {
    const { room, url } = await openServer(t);
    const running = start([url, '--bots', '1', ...ENDLESS, '--no-audio', '--file', name, ...flags]);
    const { producers } = room.server;
    await until('it sends', () => producers.size === 1, BEGIN);
    const [producer] = producers.values() as Iterable<server.Producer>;
    assert.ok(producer);
    const mimeType = producer.rtpParameters.codecs[0]?.mimeType;
    let isOfFile: boolean | undefined;
    if (mimeType === 'video/H264') {
      const tap = await room.plainTap(producer);
      let set: Buffer | undefined;
      tap.on('packet', ({ payload }: { payload: Buffer }) => (set ??= parameterSetOf(payload)));
      await until('a keyframe arrives', () => set !== undefined, BEGIN);
      isOfFile = set && fs.readFileSync(name).includes(set);
      await tap.close();
    }
    running.kill('SIGINT');
    assert.equal((await running.ended).status, 0);
    return { mimeType, isOfFile };
  }

  it('send the file as it is, or what was encoded anew, in the codec that this allows', async (t) => {
    // The server's first codec.
    assert.deepEqual(await sent(t, file), { mimeType: 'video/VP8', isOfFile: undefined });
    const asItIs = { mimeType: 'video/H264', isOfFile: true };
    assert.deepEqual(await sent(t, file, '--no-decode'), asItIs);
    assert.deepEqual(await sent(t, file, '--video-codec', 'h264'), asItIs);
    const anew = await sent(t, file, '--video-codec', 'h264', '--decode');
    assert.deepEqual(anew, { mimeType: 'video/H264', isOfFile: false });
  });

  it('encode what can not be sent as it is, or end with the reason before anybody joins', async (t) => {
    const anew = await sent(t, withBFrames, '--video-codec', 'h264');
    assert.deepEqual(anew, { mimeType: 'video/H264', isOfFile: false });
    const { bots, url } = await openServer(t);
    const { status, stderr } = await load([
      ...[url, '--bots', '2', ...ENDLESS, '--no-audio', '--file', withBFrames, '--no-decode'],
    ]);
    assert.equal(status, 1);
    assert.match(stderr, /it holds B-frames/);
    assert.equal(bots.guests, 0);
  });
});

/** The sequence parameter set in a packet of H264 (RFC 6184, 5.6 and 5.7.1). */
function parameterSetOf(payload: Buffer): Buffer | undefined {
  const typeOf = (unit: Buffer) => (unit[0] ?? 0) & 31;
  if (typeOf(payload) === 7) return payload;
  if (typeOf(payload) !== 24) return undefined;
  for (let at = 1; at + 2 < payload.length;) {
    const size = payload.readUInt16BE(at);
    const unit = payload.subarray(at + 2, at + 2 + size);
    if (typeOf(unit) === 7) return unit;
    at += 2 + size;
  }
  return undefined;
}

describe('--seed', () => {
  // Minutes: of bots whose moments are far from each other, who comes first does not depend on the machine.
  const RAMP = 600;
  const NUMBERS = [0, 1, 2];

  /** One by which a bot comes within a second, and the others after minutes. */
  function seedFor(first: number): number {
    for (let seed = 1; ; seed++) {
      const comes = (index: number) => chance(seed, index) * RAMP;
      if (NUMBERS.every((index) => (index === first ? comes(index) < 1 : comes(index) > 400)))
        return seed;
    }
  }

  for (const first of [1, 2]) {
    it(`decides when each bot joins: ${first} is the first`, async (t) => {
      const { bots, room, url } = await openServer(t);
      const running = start([
        // In a thread of its own each has the whole of the ramp.
        ...[url, '--bots', '3', '--threads', '3', '--ramp', String(RAMP), '--no-video'],
        ...['--seed', String(seedFor(first))],
      ]);
      await until('one has joined', () => bots.guests > 0 && room.server.producers.size > 0, BEGIN);
      assert.deepEqual(bots.names, [`bot-${first}`]);
      running.kill('SIGINT');
      assert.equal((await running.ended).summary.counts.failed, 0);
    });
  }
});

describe('--pod', () => {
  const options = ['--bots', '7', '--pods', '3', ...ENDLESS, '--no-video'];

  it('takes the share of that index, whatever the environment says', async (t) => {
    const { bots, room, url } = await openServer(t);
    const running = start([url, ...options, '--pod', '1'], { JOB_COMPLETION_INDEX: '2' });
    await until('its two send', () => room.server.producers.size === 2, BEGIN);
    assert.deepEqual(bots.names.toSorted(), ['bot-2', 'bot-3']);
    running.kill('SIGINT');
    const { status, summary, seconds } = await running.ended;
    assert.equal(status, 0);
    assert.deepEqual(summary.pods, { of: 3, seen: [1] });
    assert.deepEqual([summary.bots, seconds.at(-1)?.pod], [2, 1]);
  });

  it('without bots for it ends at once, and well', async (t) => {
    const { bots, url } = await openServer(t);
    const { status, stdout } = await load([url, '--bots', '2', '--pods', '3', '--pod', '0']);
    assert.equal(status, 0);
    assert.match(stdout, /pod 0 of 3 has no bot/);
    assert.equal(bots.guests, 0);
  });
});
