// What has a beginning is not played before its producer is there: an app may take its time to tell its server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { AudioTrackGenerator, createWorker } from 'mediasoup-client-pion';
import { clip, picture, tone } from '../sources/support/clips.mjs';
import { event, openRoom, silence, until } from './session.js';
import type { Room } from './session.js';

type Kind = 'audio' | 'video';
type Tap = Awaited<ReturnType<Room['plainTap']>>;
type Session = {
  room: Room;
  peer: Awaited<ReturnType<Room['join']>>;
  transport: types.Transport;
  /** What the far end got of each producer since the server made it. */
  taps: Tap[];
  /** Makes a track of a file, in one of the two ways that apps have. */
  open: (kind: Kind, file: string, data?: object) => Promise<FakeMediaStreamTrack>;
};

const still = (): Promise<string> => clip('still.png', picture('red', 1), ['-frames:v', '1']);
const sound = (seconds: number): Promise<string> => clip(`${seconds}.wav`, tone(seconds));
const film = (): Promise<string> =>
  clip(
    'film.mp4',
    [...picture('red', 1.4), ...tone(1.4)],
    ['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
  );

/** The packets of Opus, 20 ms each. */
const packetsOf = (seconds: number): number => seconds * 50;

const ways = ['data', 'getUserMedia'] as const;

/** Something to wait for until it is opened. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** A room whose app tells its server of a producer after `delayMs`, or once `before` allows it. */
async function begin(
  t: TestContext,
  {
    delayMs = 0,
    way = 'data',
    before = () => (delayMs > 0 ? pass(delayMs) : undefined),
  }: { delayMs?: number; way?: (typeof ways)[number]; before?: () => unknown },
): Promise<Session> {
  const room = await openRoom(t);
  const { server } = room;
  const taps: Tap[] = [];
  const request = server.request.bind(server);
  t.mock.method(server, 'request', async (method: string, data?: object) => {
    if (method !== 'produce') return await request(method, data);
    await before();
    const made = (await request(method, data)) as { id: string };
    taps.push(await room.plainTap(made.id));
    return made;
  });
  const worker = await createWorker();
  t.after(() => worker.close());
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  const peer = await room.join({ device });
  const transport = await peer.createSendTransport();
  const open: Session['open'] = async (kind, file, data = {}) => {
    if (way === 'data') {
      return new FakeMediaStreamTrack({
        kind,
        data: { sourceType: 'file', sourceValue: file, ...data },
      });
    }
    const stream = await worker.getUserMedia({ [kind]: { source: 'file', file, ...data } });
    return stream.getTracks()[0] as unknown as FakeMediaStreamTrack;
  };
  return { room, peer, transport, taps, open };
}

/** Resolves to how many packets the far end got of one producer until its track's end. */
async function heard(track: FakeMediaStreamTrack, taps: Tap[], index = 0): Promise<number> {
  const tap = taps[index];
  assert.ok(tap);
  await until('the end of the track', () => track.readyState === 'ended');
  await silence(tap);
  return tap.packetCount;
}

function assertWhole(packets: number, seconds: number): void {
  const expected = packetsOf(seconds);
  assert.ok(Math.abs(packets - expected) <= 1, `${packets} of ${expected} packets`);
}

for (const way of ways) {
  for (const delayMs of [0, 300, 3000]) {
    const after = `${way}, told after ${delayMs} ms`;

    test(`a still picture arrives (${after})`, async (t) => {
      const { transport, taps, open } = await begin(t, { delayMs, way });
      const track = await open('video', await still());
      const producer = await transport.produce({ track });
      assert.equal(track.readyState, 'live');
      await event(producer, 'trackended');
      assert.ok((await heard(track, taps)) > 0, 'a picture');
    });

    test(`half a second of sound is heard whole (${after})`, async (t) => {
      const { transport, taps, open } = await begin(t, { delayMs, way });
      const track = await open('audio', await sound(0.5));
      await transport.produce({ track });
      assertWhole(await heard(track, taps), 0.5);
    });
  }

  test(`1.4 s of sound are heard whole by a server that is told after 3 s (${way})`, async (t) => {
    const { transport, taps, open } = await begin(t, { delayMs: 3000, way });
    const track = await open('audio', await sound(1.4));
    await transport.produce({ track });
    assertWhole(await heard(track, taps), 1.4);
  });
}

test('sound and picture on two transports begin together, at the beginning, when the server knows both', async (t) => {
  let delayMs = 0;
  const { room, peer, transport, taps, open } = await begin(t, {
    before: () => pass((delayMs += 500)),
  });
  const file = await film();
  const [audio, video] = [await open('audio', file), await open('video', file, { decode: true })];
  const other = await peer.createSendTransport();
  await Promise.all([transport.produce({ track: audio }), other.produce({ track: video })]);
  // Which transport is connected first, and so whose producer is known first, is not said.
  const kinds = [...room.server.producers.values()].map(({ kind }) => kind);
  assertWhole(await heard(audio, taps, kinds.indexOf('audio')), 1.4);
  // A picture that the encoder leaves out now and then is none of the beginning.
  assert.ok((await heard(video, taps, kinds.indexOf('video'))) > 30);
});

test('a second producer does not hold what plays already', async (t) => {
  const held = gate();
  const waits = [undefined, held.opened];
  const { transport, taps, open } = await begin(t, { before: () => waits.shift() });
  const track = await open('audio', await sound(1.4));
  await transport.produce({ track });
  const second = transport.produce({ track: await open('audio', await sound(1.4)) });
  assertWhole(await heard(track, taps), 1.4);
  held.open();
  // Its track is of the same source, which has come to its end.
  await second;
});

test('whatever the options of a producer are, it begins with the beginning', async (t) => {
  const { transport, taps, open } = await begin(t, { delayMs: 300 });
  for (const [index, options] of [
    { zeroRtpOnPause: true },
    { disableTrackOnPause: false },
    { stopTracks: false },
    { streamId: 'a', codecOptions: { opusStereo: true } },
  ].entries()) {
    const track = await open('audio', await sound(0.5));
    const fired: string[] = [];
    // Handlers of the app from before are no Producer.
    track.onended = () => fired.push('onended');
    track.addEventListener('ended', () => fired.push('ended'));
    const producer = await transport.produce({ track, ...options });
    producer.on('trackended', () => fired.push('trackended'));
    assertWhole(await heard(track, taps, index), 0.5);
    assert.deepEqual(fired.toSorted(), ['ended', 'onended', 'trackended']);
    assert.ok(!Object.hasOwn(track, 'addEventListener'));
  }
});

test('a producer of a disabled track sends silence from the beginning on', async (t) => {
  const { transport, taps, open } = await begin(t, { delayMs: 300 });
  const track = await open('audio', await sound(0.5));
  track.enabled = false;
  const producer = await transport.produce({ track });
  assert.ok(producer.paused);
  assertWhole(await heard(track, taps), 0.5);
});

test('replaceTrack() has a producer: its track begins at once', async (t) => {
  const { transport, taps, open } = await begin(t, { delayMs: 300 });
  const producer = await transport.produce({
    track: await open('audio', await sound(1.4), { loop: true }),
  });
  await producer.replaceTrack({ track: null });
  assert.ok(taps[0]);
  await silence(taps[0]);
  const before = taps[0].packetCount;
  const track = await open('audio', await sound(0.5));
  await producer.replaceTrack({ track });
  assertWhole((await heard(track, taps)) - before, 0.5);
});

test('what takes the place of a track without a beginning begins at once', async (t) => {
  const { room, peer, transport, taps, open } = await begin(t, {});
  const loop = await open('audio', await sound(1.4), { loop: true });
  const consumer = await room.consume(peer, await transport.produce({ track: loop }));
  for (const track of [new AudioTrackGenerator().track, consumer.track]) {
    const producer = await transport.produce({ track, stopTracks: false });
    const tap = taps.at(-1);
    assert.ok(tap);
    await tap.packets(5);
    await producer.replaceTrack({ track: null });
    await silence(tap);
    const before = tap.packetCount;
    const next = await open('audio', await sound(0.5));
    await producer.replaceTrack({ track: next });
    assertWhole((await heard(next, taps, taps.length - 1)) - before, 0.5);
  }
});

test('what the server refuses is begun with by the next producer, and leaves nothing', async (t) => {
  const answers = [() => Promise.reject(new Error('no')), () => pass(300)];
  const { transport, taps, open } = await begin(t, { before: () => answers.shift()?.() });
  const track = await open('audio', await sound(0.5));
  await assert.rejects(transport.produce({ track, stopTracks: false }), /no/);
  await transport.produce({ track });
  assertWhole(await heard(track, taps), 0.5);
  assert.ok(!Object.hasOwn(track, 'addEventListener'));
});

test('a transport that closes while its server is told holds no other', async (t) => {
  const held = gate();
  const waits = [held.opened, undefined];
  const { peer, transport, taps, open } = await begin(t, { before: () => waits.shift() });
  const track = await open('audio', await sound(0.5));
  const refused = assert.rejects(transport.produce({ track, stopTracks: false }));
  await until('the request', () => waits.length === 1);
  transport.close();
  const other = await peer.createSendTransport();
  await other.produce({ track });
  assertWhole(await heard(track, taps), 0.5);
  held.open();
  await refused;
});

test('what is live is sent at once, whenever the server is told', async (t) => {
  const told = gate();
  const waits = [undefined, told.opened];
  const { room, peer, transport, open } = await begin(t, { before: () => waits.shift() });
  const source = await transport.produce({
    track: await open('audio', await sound(1.4), { loop: true }),
  });
  const { track } = await room.consume(peer, source);
  let sender: RTCRtpSender | undefined;
  const forwarding = transport.produce({ track, onRtpSender: (made) => (sender = made) });
  await until('packets', async () => {
    const report = (await sender?.getStats()) as Map<string, Record<string, unknown>> | undefined;
    const entries = [...(report?.values() ?? [])];
    return Number(entries.find(({ type }) => type === 'outbound-rtp')?.['packetsSent']) > 0;
  });
  told.open();
  await forwarding;
});
