import './support/goes-first.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory } from 'mediasoup-client-pion';
import { codecOf, openRoom, until, withoutFeedback } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { decodeSound } from '../e2e/support/decode.mjs';
import { entriesOf, streamsOf } from '../e2e/support/layers.mjs';
import { Relay } from '../e2e/support/relay.mjs';
import type { Way } from '../e2e/support/relay.mjs';
import { SequenceCount } from '../e2e/support/sequence-count.mjs';
import { toneShare } from '../e2e/support/tone.mjs';
import { clip } from '../sources/support/clips.mjs';

const WAY = { delayMs: 10 };
// Another's load makes this machine slow: what is asked for is reported, what is waited for is more.
const PATIENCE = 3;

type Stats = Record<string, unknown>;

/** Small pictures, ten a second. */
const pattern = {
  sourceType: 'device',
  format: 'lavfi',
  sourceValue: 'testsrc2=size=160x120:rate=10',
};

/** Noise, which takes every bit that an encoder may spend. */
async function noise() {
  const file = await clip(
    'noise.mp4',
    ['-f', 'lavfi', '-i', 'testsrc2=s=480x270:r=30:d=4,noise=alls=30:allf=t'],
    ['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '6M', '-g', '60', '-pix_fmt', 'yuv420p'],
  );
  const data = { sourceType: 'file', sourceValue: file, loop: true };
  return new FakeMediaStreamTrack({ kind: 'video', data });
}

/** A tone without end: where a file begins anew its phase is another, as where sound is missing. */
function tone() {
  const data = { sourceType: 'device', format: 'lavfi', sourceValue: 'sine=f=440:r=48000' };
  return new FakeMediaStreamTrack({ kind: 'audio', data });
}

/** kbit/s that come to the relay, over so many seconds of its own clock. */
async function arriving(way: Way, seconds: number): Promise<number> {
  const [bytes, at] = [way.bytes, performance.now()];
  await sleep(seconds * 1000);
  return ((way.bytes - bytes) * 8) / (performance.now() - at);
}

/** Waits until what comes to the relay in a second is as it should be, and reports how long it took. */
async function arrivingUntil(
  t: TestContext,
  way: Way,
  what: string,
  holds: (kilobits: number) => boolean,
  seconds: number,
): Promise<void> {
  const begin = performance.now();
  const seen: number[] = [];
  for (;;) {
    const kilobits = await arriving(way, 1);
    seen.push(Math.round(kilobits));
    const took = (performance.now() - begin) / 1000;
    if (holds(kilobits)) {
      t.diagnostic(`${what}: after ${took.toFixed(1)} s, of ${seconds} s; ${seen.join(' ')}`);
      return;
    }
    if (took > seconds * PATIENCE) assert.fail(`${what}: not in ${took} s: ${seen.join(' ')}`);
  }
}

async function statsOf(of: { getStats(): Promise<unknown> }): Promise<(type: string) => Stats> {
  const entries = [...((await of.getStats()) as Map<string, Stats>).values()];
  return (type) => entries.find((entry) => entry['type'] === type) ?? {};
}

/** A sender of 2 Mbit/s and a tone, behind a relay. */
async function sender(
  t: TestContext,
  {
    capabilities = (all: types.RtpCapabilities) => all,
    encodings = [{ maxBitrate: 2_000_000 }],
  }: {
    capabilities?: (all: types.RtpCapabilities) => types.RtpCapabilities;
    encodings?: types.RtpEncodingParameters[];
  },
) {
  const noisy = await noise();
  const room: Room = await openRoom(t);
  const relay = new Relay({ seed: 1, up: WAY, down: WAY });
  t.after(() => relay.close());
  const device = await Device.factory({ handlerFactory: createFactory() });
  const all = structuredClone(room.router.rtpCapabilities) as types.RtpCapabilities;
  const routerRtpCapabilities = capabilities(all);
  await device.load({ routerRtpCapabilities });
  const alice = await room.join({ device });
  const sending = await alice.createSendTransport({ relay });
  const video = await sending.produce({
    track: noisy,
    encodings,
    codec: codecOf(device, 'video/VP8'),
  });
  const audio = await sending.produce({
    track: tone(),
    codecOptions: { opusNack: true },
  });
  return { room, relay, sending, video, audio };
}

test('a sender of 2 Mbit/s follows a limit of 500 kbit/s, and comes back', async (t) => {
  const { room, relay, sending, video, audio } = await sender(t, {});
  const sound = { whole: new SequenceCount(), since: new SequenceCount() };
  const tap = await room.plainTap(audio);
  tap.on('packet', ({ sequenceNumber }) => {
    sound.whole.add(sequenceNumber);
    sound.since.add(sequenceNumber);
  });
  await arrivingUntil(t, relay.up, 'above 1600 kbit/s', (kilobits) => kilobits > 1600, 10);

  relay.up.set({ ...WAY, bitrate: 500_000 });
  await arrivingUntil(t, relay.up, 'below 500 kbit/s', (kilobits) => kilobits < 500, 5);
  await until('an estimate below 700 kbit/s', async () => {
    const available = (await statsOf(sending))('candidate-pair')['availableOutgoingBitrate'];
    return Number(available) < 700_000;
  });
  const limited = (await statsOf(video))('outbound-rtp');
  assert.equal(limited['qualityLimitationReason'], 'bandwidth');
  assert.ok(
    Number(limited['targetBitrate']) < 500_000,
    `aims at ${Number(limited['targetBitrate'])}`,
  );
  sound.since = sound.whole.next();
  const { packets, lost } = relay.up;
  await sleep(4000);
  const share440 = toneShare(await decodeSound(room, audio), 440);
  assert.ok(share440 > 0.9, `${share440} of the sound is the tone`);
  const share = (relay.up.lost - lost) / (relay.up.packets - packets);
  assert.ok(share < 0.1, `${share * 100}% are lost while the sender keeps to the limit`);

  relay.up.set(WAY);
  await arrivingUntil(t, relay.up, 'back above 1600 kbit/s', (kilobits) => kilobits > 1600, 15);
  await until('no limit', async () => {
    const outbound = (await statsOf(video))('outbound-rtp');
    return outbound['qualityLimitationReason'] === 'none';
  });
  const { qualityLimitationDurations } = (await statsOf(video))('outbound-rtp') as {
    qualityLimitationDurations: Record<string, number>;
  };
  assert.ok((qualityLimitationDurations['bandwidth'] ?? 0) > 4);
  for (const [name, { missing, packets: all }] of Object.entries(sound)) {
    t.diagnostic(`${name}: ${missing} of ${all} packets of sound are missing`);
  }
  assert.ok(sound.since.missing <= sound.since.packets / 100, 'sound has gaps');
  // When three quarters of a network are gone at once, its queue is full before anyone can know.
  assert.ok(sound.whole.missing <= sound.whole.packets / 33, 'sound had gaps');
});

test('layers that the network does not carry are left out from the top, and come back', async (t) => {
  const { room, relay, video } = await sender(t, {
    encodings: [
      { scaleResolutionDownBy: 2, maxBitrate: 200_000 },
      { scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
    ],
  });
  const limit = { timeoutMs: 60_000, everyMs: 50 };
  /** Which layers send pictures within a second, by what the server gets. */
  const sent = async () => {
    const counts = async () =>
      (await streamsOf(room.serverProducer(video))).map(({ packetCount }) => packetCount);
    const before = await counts();
    await sleep(1000);
    return (await counts()).map((count, layer) => count > (before[layer] ?? 0));
  };
  const become = (what: string, ...layers: boolean[]) =>
    until(what, async () => String(await sent()) === String(layers), limit);

  await become('both layers', true, true);
  relay.up.set({ ...WAY, bitrate: 350_000 });
  await become('the lower layer alone', true, false);
  // On a busy machine a second may pass without a picture of it before that.
  await until('the upper layer is limited by the bandwidth', async () => {
    const [low, high] = entriesOf(await video.getStats());
    assert.equal(low?.['rid'], 'r0');
    return high?.['qualityLimitationReason'] === 'bandwidth';
  });
  relay.up.set(WAY);
  await become('both layers again', true, true);
});

test('a server that tells its own estimate (REMB) is followed as well', async (t) => {
  const { room, relay, sending, audio } = await sender(t, {
    capabilities: (all) => withoutFeedback(all, 'transport-cc'),
    encodings: [{ maxBitrate: 1_000_000 }],
  });
  await arrivingUntil(t, relay.up, 'above 700 kbit/s', (kilobits) => kilobits > 700, 15);
  await until('an estimate', async () => {
    const available = (await statsOf(sending))('candidate-pair')['availableOutgoingBitrate'];
    return Number(available) > 0;
  });
  relay.up.set({ ...WAY, bitrate: 400_000 });
  // As long as the queue on the way is full, sound is lost in it too.
  let { lost } = relay.up;
  const keepsToIt = (kilobits: number) => {
    const before = lost;
    lost = relay.up.lost;
    return kilobits < 400 && lost === before;
  };
  await arrivingUntil(t, relay.up, 'below 400 kbit/s, and none lost', keepsToIt, 10);
  const share440 = toneShare(await decodeSound(room, audio), 440);
  assert.ok(share440 > 0.9, `${share440} of the sound is the tone`);
  relay.up.set(WAY);
  // It grows by 8% a second, as the server's estimate does.
  await arrivingUntil(t, relay.up, 'back above 430 kbit/s', (kilobits) => kilobits > 430, 20);
});

test("the server's estimate of the way to a client follows what the client tells it", async (t) => {
  const noisy = await noise();
  const room = await openRoom(t);
  const relay = new Relay({ seed: 1, up: WAY, down: WAY });
  t.after(() => relay.close());
  const [alice, bob] = await Promise.all(
    [1, 2].map(async () =>
      room.join({ device: await Device.factory({ handlerFactory: createFactory() }) }),
    ),
  );
  assert.ok(alice && bob);
  const sending = await alice.createSendTransport();
  const producer = await sending.produce({
    track: noisy,
    encodings: [{ maxBitrate: 1_000_000 }],
    codec: codecOf(alice.device, 'video/VP8'),
  });
  const receiving = await bob.createRecvTransport({ relay });
  await room.consume(bob, producer);
  const estimate = async () => {
    const [stats] = await room.serverTransport(receiving).getStats();
    return (stats as { availableOutgoingBitrate?: number }).availableOutgoingBitrate ?? 0;
  };
  const limit = { timeoutMs: 60_000, everyMs: 200 };
  await until('an estimate above 600 kbit/s', async () => (await estimate()) > 600_000, limit);
  relay.down.set({ ...WAY, bitrate: 300_000 });
  await until('an estimate below 400 kbit/s', async () => (await estimate()) < 400_000, limit);
  relay.down.set(WAY);
  await until('an estimate above 600 kbit/s', async () => (await estimate()) > 600_000, limit);
});

test('pictures go on where the server takes less than the sound alone', async (t) => {
  const room = await openRoom(t);
  const device = await Device.factory({ handlerFactory: createFactory() });
  const all = structuredClone(room.router.rtpCapabilities) as types.RtpCapabilities;
  // The limit of a server is told by REMB.
  await device.load({ routerRtpCapabilities: withoutFeedback(all, 'transport-cc') });
  const alice = await room.join({ device });
  const sending = await alice.createSendTransport();
  for (let n = 0; n < 8; n++) await sending.produce({ track: tone() });
  const video = await sending.produce({
    track: new FakeMediaStreamTrack({ kind: 'video', data: pattern }),
    codec: codecOf(device, 'video/VP8'),
  });
  const tap = await room.plainTap(video);
  await until('a picture', () => tap.packetCount > 0);
  await room.serverTransport(sending).setMaxIncomingBitrate(20_000);
  await until('the limit is known', async () => {
    const outbound = (await statsOf(video))('outbound-rtp');
    return outbound['qualityLimitationReason'] === 'bandwidth';
  });
  for (let part = 1; part <= 3; part++) {
    const before = tap.packetCount;
    await sleep(1000 * PATIENCE);
    const pictures = tap.packetCount - before;
    t.diagnostic(`${pictures} packets of pictures`);
    assert.ok(pictures > 0, `none in part ${part}`);
  }
});
