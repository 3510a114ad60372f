// How loud received sound is, whoever sends it, and whatever becomes of it on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { createFactory } from 'mediasoup-client-pion';
import type { AudioLevelEvent, RTCRtpReceiver, VoiceActivityEvent } from '../../lib/index.js';
import { domEvent, fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { plainSender } from './support/plain-sender.mjs';

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const VOICE = 0x80;

const receiverOf = ({ rtpReceiver }: types.Consumer): RTCRtpReceiver =>
  rtpReceiver as unknown as RTCRtpReceiver;

const linear = (dBov: number): number => (dBov === 127 ? 0 : 10 ** (-dBov / 20));

/** What a receiver tells from now on: levels, and where speech begins and ends. */
function listen(receiver: RTCRtpReceiver) {
  const levels: AudioLevelEvent[] = [];
  const turns: boolean[] = [];
  receiver.addEventListener('audiolevel', (event) => levels.push(event));
  receiver.addEventListener('voiceactivity', ({ active }: VoiceActivityEvent) =>
    turns.push(active),
  );
  return { levels, turns, level: () => levels.at(-1)?.audioLevel };
}

async function tone(room: Room) {
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  return { alice, producer: await transport.produce({ track }) };
}

/** A client that knows of no header extension with levels, as of a router that has none. */
async function joinWithoutLevels(room: Room) {
  const routerRtpCapabilities = structuredClone(room.router.rtpCapabilities);
  routerRtpCapabilities.headerExtensions = (routerRtpCapabilities.headerExtensions ?? []).filter(
    ({ uri }) => uri !== AUDIO_LEVEL,
  );
  const device = await Device.factory({ handlerFactory: createFactory() });
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities });
  return await room.join({ device });
}

test('every level is W3C’s number, for several consumers alike, in events, sources and statistics', async (t) => {
  const room = await openRoom(t);
  const sender = await plainSender(t, room.server);
  const { producer } = sender;
  let level = 6;
  sender.play(() => ({ level: level | VOICE }));
  const consumers: types.Consumer[] = [];
  for (const bob of [await join(room), await join(room)]) {
    consumers.push(await room.consume(bob, producer), await room.consume(bob, producer));
  }
  const heard = consumers.map((consumer) => listen(receiverOf(consumer)));
  for (level of [6, 0, 40, 126, 127]) {
    await until(`${level} dBov`, () => heard.every((one) => one.level() === linear(level)));
    for (const consumer of consumers) {
      const [source, ...others] = receiverOf(consumer).getSynchronizationSources();
      assert.ok(source && others.length === 0);
      const { ssrc } = consumer.rtpParameters.encodings?.[0] ?? {};
      assert.equal(source.source, ssrc);
      assert.equal(source.audioLevel, linear(level));
      assert.equal(source.voiceActivityFlag, true);
      assert.ok(Math.abs(Date.now() - source.timestamp) < 5000, `${source.timestamp}`);
      const report = (await consumer.getStats()) as unknown as Map<string, Record<string, unknown>>;
      const inbound = [...report.values()].find(({ type }) => type === 'inbound-rtp');
      const told = Number(inbound?.['audioLevel']);
      assert.ok(Math.abs(told - linear(level)) <= 1e-9 * told, `audioLevel of ${told}`);
    }
  }
  for (const { levels, turns } of heard) {
    assert.ok(levels.every(({ voice }) => voice));
    assert.deepEqual(turns, [true]);
    for (const [index, { receivedAt }] of levels.entries()) {
      const before = levels[index - 1];
      assert.ok(!before || receivedAt - before.receivedAt >= 99.9, 'at most one each 100 ms');
    }
  }
  // The newest packet says nothing of how loud it is.
  sender.play(() => ({}));
  const [consumer] = consumers;
  assert.ok(consumer);
  await until('no level', () => {
    const [source] = receiverOf(consumer).getSynchronizationSources();
    return source && !('audioLevel' in source) && !('voiceActivityFlag' in source);
  });
});

test('a sender that flags no speech is heard to speak by how loud it is', async (t) => {
  const room = await openRoom(t);
  const { producer, play } = await plainSender(t, room.server);
  const bob = await join(room);
  const receiver = receiverOf(await room.consume(bob, producer));
  const { turns, levels, level } = listen(receiver);
  receiver.voiceActivityHold = 100;
  play(() => ({ level: 60 }));
  await until('the quiet', () => level() === linear(60));
  assert.deepEqual(turns, []);
  play(() => ({ level: 30 }));
  await until('the loud', () => turns.length === 1);
  play(() => ({ level: 60 }));
  await until('the quiet again', () => turns.length === 2);
  receiver.voiceActivityThreshold = -70;
  await until('what is loud enough now', () => turns.length === 3);
  assert.equal(levels.at(-1)?.voice, true);
  // From the first flag on it is taken at its word.
  play(() => ({ level: 127 | VOICE }));
  await until('flagged silence', () => level() === 0);
  play(() => ({ level: 3 }));
  await until('noise', () => level() === linear(3) && turns.length === 4);
  assert.deepEqual(turns, [true, false, true, false]);
});

test('mixed sources are told, with no level of their own', async (t) => {
  const room = await openRoom(t);
  const { producer, play } = await plainSender(t, room.server);
  let csrcs = [1001, 4_000_000_000];
  play(() => ({ level: 20, csrcs }));
  const receiver = receiverOf(await room.consume(await join(room), producer));
  const mixed = (): number[] => receiver.getContributingSources().map(({ source }) => source);
  await until('both', () => mixed().length === 2);
  assert.deepEqual(mixed().sort(), [1001, 4_000_000_000]);
  csrcs = [77];
  await until('the newest first', () => mixed()[0] === 77);
  assert.equal(mixed().length, 3);
  const [newest] = receiver.getContributingSources();
  const [own] = receiver.getSynchronizationSources();
  assert.ok(newest && own);
  assert.ok(!('audioLevel' in newest) && newest.timestamp <= own.timestamp);
  assert.ok(newest.rtpTimestamp > 0);
});

for (const [what, pause] of [
  ['its client', (consumer: types.Consumer) => consumer.pause()],
  ['the server', (consumer: types.Consumer, room: Room) => room.serverConsumer(consumer).pause()],
] as const) {
  test(`a consumer that ${what} paused falls silent, and is heard again when it goes on`, async (t) => {
    const room = await openRoom(t);
    const { producer } = await tone(room);
    const consumer = await room.consume(await join(room), producer);
    const { turns, level, levels } = listen(receiverOf(consumer));
    await until('sound', () => (level() ?? 0) > 0.01 && turns.length === 1);
    await pause(consumer, room);
    await until('silence', () => level() === 0 && turns.length === 2);
    const { length } = levels;
    consumer.resume();
    await room.serverConsumer(consumer).resume();
    await until('sound again', () => levels.length > length && turns.length === 3);
    assert.ok((level() ?? 0) > 0.01);
    assert.deepEqual(turns, [true, false, true]);
  });
}

test('without the header extension there is a source, but no level and no event', async (t) => {
  const room = await openRoom(t);
  const { producer } = await tone(room);
  const consumer = await room.consume(await joinWithoutLevels(room), producer);
  const receiver = receiverOf(consumer);
  const { levels, turns } = listen(receiver);
  await until('a source', () => receiver.getSynchronizationSources().length === 1);
  const [before] = receiver.getSynchronizationSources();
  assert.ok(before && !('audioLevel' in before));
  await until('two seconds of sound', () => {
    const [now] = receiver.getSynchronizationSources();
    return now && now.rtpTimestamp - before.rtpTimestamp > 96_000;
  });
  assert.deepEqual([levels, turns], [[], []]);
});

test('video has a source, and no level', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const track = fileTrack('video', 'red-440hz.mp4', { loop: true });
  const consumer = await room.consume(await join(room), await transport.produce({ track }));
  const receiver = receiverOf(consumer);
  const { levels } = listen(receiver);
  await until('a source', () => receiver.getSynchronizationSources().length === 1);
  const [source] = receiver.getSynchronizationSources();
  assert.ok(source && !('audioLevel' in source));
  assert.equal(source.source, consumer.rtpParameters.encodings?.[0]?.ssrc);
  assert.equal(levels.length, 0);
});

test('the interval is the app’s, and may change while it listens', async (t) => {
  const room = await openRoom(t);
  const { producer } = await tone(room);
  const receiver = receiverOf(await room.consume(await join(room), producer));
  receiver.audioLevelInterval = 1000;
  const { levels } = listen(receiver);
  await until('three levels', () => levels.length >= 3);
  const gap = (index: number): number =>
    (levels.at(index)?.receivedAt ?? 0) - (levels.at(index - 1)?.receivedAt ?? 0);
  assert.ok(gap(2) >= 999.9 && gap(2) < 5000, `${gap(2)} ms`);
  receiver.audioLevelInterval = 20;
  await until('many levels', () => levels.length > 40);
  const gaps = Array.from({ length: 20 }, (_, index) => gap(-1 - index)).sort((a, b) => a - b);
  assert.ok((gaps[10] ?? 0) < 200, `half of them within ${gaps[10]} ms`);
  for (const [name, value] of [
    ['audioLevelInterval', 9],
    ['audioLevelInterval', Number.NaN],
    ['voiceActivityHold', -1],
    ['voiceActivityThreshold', 1],
    ['voiceActivityThreshold', -127.5],
  ] as const) {
    assert.throws(() => (receiver[name] = value), { name: 'TypeError', message: new RegExp(name) });
  }
});

test('listeners with a signal, and handlers taken back, end what the core tells', async (t) => {
  const room = await openRoom(t);
  const { producer } = await tone(room);
  const receiver = receiverOf(await room.consume(await join(room), producer));
  const abort = new AbortController();
  let told = 0;
  receiver.addEventListener('audiolevel', () => told++, { signal: abort.signal });
  await until('levels', () => told > 2);
  abort.abort();
  const before = told;
  // The core is asked anew, and speech begins anew for who listens anew.
  for (let turn = 0; turn < 3; turn += 1) {
    const begun = domEvent<VoiceActivityEvent>(receiver, 'voiceactivity');
    assert.equal((await begun).active, true);
  }
  receiver.onaudiolevel = () => told++;
  await until('levels again', () => told > before);
  receiver.onaudiolevel = null;
  assert.equal(receiver.onaudiolevel, null);
});
