import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { codecOf, fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { Relay } from './support/relay.mjs';
import { SequenceCount } from './support/sequence-count.mjs';

const LOSS = { loss: 0.05, delayMs: 10 };
// Of the clock of video at the 30 frames a second of the file.
const FRAME_TICKS = 3000;

type Client = Awaited<ReturnType<typeof join>>;

// The file's own codec: nothing is encoded, and no frame left out where a machine is too busy for it.
const asItIs = { mimeType: 'video/H264' };

const video = () => fileTrack('video', 'bars-440hz.mp4', { loop: true });

function openRelay(t: TestContext, conditions: object): Relay {
  const relay = new Relay({ seed: 7, up: conditions, down: conditions });
  t.after(() => relay.close());
  return relay;
}

function heal({ up, down }: Relay): void {
  up.set({});
  down.set({});
}

test('of 5% lost both ways, all that is sent arrives in the end', async (t) => {
  const room = await openRoom(t);
  const relay = openRelay(t, LOSS);
  const alice = await join(room);
  const sending = await alice.createSendTransport({ relay });
  const counts: SequenceCount[] = [];
  const producers: types.Producer[] = [];
  for (let number = 0; number < 4; number++) {
    const count = new SequenceCount();
    const producer = await sending.produce({ track: video() });
    producers.push(producer);
    const tap = await room.plainTap(producer);
    tap.on('packet', ({ sequenceNumber }) => count.add(sequenceNumber));
    counts.push(count);
  }
  const packets = () => counts.reduce((sum, count) => sum + count.packets, 0);
  const missing = () => counts.reduce((sum, count) => sum + count.missing, 0);
  const lost = relay.up.lost;
  await until('2000 packets', () => packets() >= 2000, { timeoutMs: 30_000 });
  assert.ok(relay.up.lost - lost > 50, `only ${relay.up.lost - lost} were lost on the way`);
  heal(relay);
  // What was lost last is on its way.
  await until('at most 0.1% missing', () => missing() <= packets() / 1000, { timeoutMs: 30_000 });
  for (const producer of producers) {
    const entries = [...(await producer.getStats()).values()] as Record<string, unknown>[];
    const outbound = entries.find(({ type }) => type === 'outbound-rtp') ?? {};
    const { nackCount, packetsSent, retransmittedPacketsSent } = outbound;
    assert.ok(Number(nackCount) > 0, `asked for ${String(nackCount)} times`);
    const again = Number(retransmittedPacketsSent) / Number(packetsSent);
    // A twentieth is lost, and of the repairs, and of what asks for them.
    assert.ok(again > 0.02 && again < 0.2, `${again} of the packets were sent again`);
  }
});

/** Sends on what is received, and follows the frames of it: they are sent on whole or not at all. */
async function followFrames(room: Room, client: Client, consumer: types.Consumer) {
  const codec = codecOf(client.device, consumer.rtpParameters.codecs[0]?.mimeType ?? '');
  const track = consumer.track as unknown as FakeMediaStreamTrack;
  const sending = client.sendTransport ?? (await client.createSendTransport());
  const tap = await room.plainTap(await sending.produce({ track, codec }));
  // By their distance to the first, in frames: the last hop may change their order.
  const seen = new Set<number>();
  let first: number | undefined;
  tap.on('packet', ({ timestamp }) => {
    first ??= timestamp;
    seen.add(Math.round(((timestamp - first) | 0) / FRAME_TICKS));
  });
  return {
    restart() {
      seen.clear();
    },
    get count() {
      return seen.size;
    },
    get gaps() {
      const sorted = [...seen].sort((a, b) => a - b);
      return sorted.filter((frame, index) => index > 0 && frame !== (sorted[index - 1] ?? 0) + 1)
        .length;
    },
  };
}

async function receiveThrough(
  t: TestContext,
  relay: Relay,
  { consumers, mimeType }: { consumers: number; mimeType: string },
) {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const codec = codecOf(alice.device, mimeType);
  const producer = await (await alice.createSendTransport()).produce({ track: video(), codec });
  await bob.createRecvTransport({ relay });
  const followed: Awaited<ReturnType<typeof followFrames>>[] = [];
  for (let number = 0; number < consumers; number++) {
    followed.push(await followFrames(room, bob, await room.consume(bob, producer)));
  }
  return { producer, followed };
}

test('of 5% lost both ways, at most 0.1% of what is received is missing in the end', async (t) => {
  const relay = openRelay(t, { loss: 0.05, delayMs: 20 });
  const { followed } = await receiveThrough(t, relay, { consumers: 6, ...asItIs });
  // A packet that is missing for good is a gap between frames, which ends with a keyframe.
  const gaps = () => followed.reduce((sum, frames) => sum + frames.gaps, 0);
  // In a row: a machine that stands still for a while loses more than the relay does.
  let { packets, lost } = relay.down;
  const atMostOneInAThousand = () => {
    if (relay.down.packets - packets < 2000) return false;
    const isWhole = gaps() <= 2 && relay.down.lost - lost > 60;
    if (!isWhole) {
      ({ packets, lost } = relay.down);
      for (const frames of followed) frames.restart();
    }
    return isWhole;
  };
  await until('2000 packets with at most 0.1% missing', atMostOneInAThousand, {
    timeoutMs: 60_000,
  });
});

test('what was lost for too long is made good by a keyframe that is asked for', async (t) => {
  const relay = openRelay(t, {});
  const { producer, followed } = await receiveThrough(t, relay, {
    consumers: 1,
    mimeType: 'video/VP8',
  });
  const [frames] = followed;
  assert.ok(frames);
  await until('frames', () => frames.count > 20);
  const keyframes = async () => {
    const entries = [...(await producer.getStats()).values()] as Record<string, unknown>[];
    return Number(entries.find(({ type }) => type === 'outbound-rtp')?.['keyFramesEncoded']);
  };
  const keyframesBefore = await keyframes();
  relay.down.set({ loss: 1 });
  const { lost } = relay.down;
  await until('losses', () => relay.down.lost > lost + 300, { timeoutMs: 30_000 });
  const framesBefore = frames.count;
  heal(relay);
  await until('frames after the gap', () => frames.count > framesBefore + 20);
  assert.ok(frames.gaps >= 1);
  // A file's own would come after minutes.
  assert.ok((await keyframes()) > keyframesBefore);
});

test('packets that come late or twice do no harm', async (t) => {
  const relay = openRelay(t, { reorder: 0.1, reorderMs: 15, duplicate: 0.1 });
  const { followed } = await receiveThrough(t, relay, { consumers: 1, ...asItIs });
  const [frames] = followed;
  assert.ok(frames);
  const isWhole = () => {
    if (frames.count < 60) return false;
    const { gaps } = frames;
    if (gaps > 0) frames.restart();
    return gaps === 0;
  };
  await until('60 frames in a row', isWhole, { timeoutMs: 60_000 });
});

test('data channels bring every message once and in order through 5% of loss', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport({ relay: openRelay(t, LOSS) });
  await bob.createRecvTransport({ relay: openRelay(t, LOSS) });
  const channel = await sending.produceData();
  const consumer = await room.consumeData(bob, channel);
  const received: string[] = [];
  consumer.on('message', (message: string) => received.push(message));
  await until(
    'open channels',
    () => channel.readyState === 'open' && consumer.readyState === 'open',
    {
      timeoutMs: 30_000,
    },
  );
  const messages = Array.from({ length: 300 }, (_, number) => `${number} ${'x'.repeat(500)}`);
  for (const message of messages) channel.send(message);
  await until('every message', () => received.length === messages.length, { timeoutMs: 30_000 });
  assert.deepEqual(received, messages);
});
