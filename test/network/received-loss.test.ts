import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { codecOf, fileTrack, join, openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { decodePictures } from '../e2e/support/decode.mjs';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import { Relay } from '../e2e/support/relay.mjs';

const limit = { timeout: 150_000 };

type Client = Awaited<ReturnType<typeof join>>;

function openRelay(t: TestContext, { up = {}, down = {} }: { up?: object; down?: object }): Relay {
  const relay = new Relay({ seed: 11, up, down });
  t.after(() => relay.close());
  return relay;
}

async function inboundOf(consumer: types.Consumer): Promise<Record<string, number>> {
  for (const entry of (await consumer.getStats()).values()) {
    if (entry.type === 'inbound-rtp') return entry as Record<string, number>;
  }
  throw new Error('no inbound-rtp');
}

/** Sends on what is received: then somebody reads it. */
async function sendOn(client: Client, consumer: types.Consumer): Promise<types.Producer> {
  const sending = client.sendTransport ?? (await client.createSendTransport());
  return await sending.produce({
    track: consumer.track as unknown as FakeMediaStreamTrack,
    codec: codecOf(client.device, consumer.rtpParameters.codecs[0]?.mimeType ?? ''),
  });
}

/** The steps of the timestamps of what a producer sends, of whole frames. */
async function followSteps(room: Room, producer: types.Producer) {
  const tap = await room.plainTap(producer);
  const steps: number[] = [];
  let last: number | undefined;
  tap.on('packet', ({ timestamp }) => {
    if (last !== undefined && timestamp !== last) steps.push((timestamp - last) | 0);
    last = timestamp;
  });
  return steps;
}

test(
  'video and sound are whole and in order through loss, delay and reordering',
  limit,
  async (t) => {
    const conditions = { delayMs: 80, reorder: 0.05, reorderMs: 30 };
    const relay = openRelay(t, {
      up: { ...conditions, loss: 0.05 },
      down: { ...conditions, loss: 0.05, duplicate: 0.02 },
    });
    const room = await openRoom(t);
    const alice = await join(room);
    const bob = await join(room);
    const sending = await alice.createSendTransport();
    const video = await sending.produce({
      track: fileTrack('video', 'bars-440hz.mp4', { loop: true }),
      codec: codecOf(alice.device, 'video/H264'),
    });
    const audio = await sending.produce({
      track: fileTrack('audio', 'bars-440hz.mp4', { loop: true }),
      codecOptions: { opusNack: true },
    });
    await bob.createRecvTransport({ relay });
    const consumers = [
      await room.consume(bob, video),
      // mediasoup sends no sound again unless it is told to.
      await room.consume(bob, audio, { server: { enableRtx: true } }),
    ] as const;
    const [pictures, sounds] = [
      await followSteps(room, await sendOn(bob, consumers[0])),
      await followSteps(room, await sendOn(bob, consumers[1])),
    ];
    // Twice as long as a frame or a packet takes is a hole.
    const holes = (steps: number[], usual: number) =>
      steps.filter((step) => step > usual * 1.5 || step <= 0).length;
    let { lost } = relay.down;
    const isWhole = () => {
      const [inPictures, inSounds] = [holes(pictures, 3000), holes(sounds, 960)];
      if (inPictures > 6 || inSounds > 10) {
        // A machine that stands still for a while loses more than the relay does.
        t.diagnostic(`holes: ${inPictures} of ${pictures.length}, ${inSounds} of ${sounds.length}`);
        pictures.length = sounds.length = 0;
        ({ lost } = relay.down);
      }
      return pictures.length > 600 && sounds.length > 1000 && relay.down.lost - lost > 100;
    };
    await until('at most 1% missing of 600 frames and 1000 packets of sound', isWhole, {
      timeoutMs: 100_000,
    });

    const [seen, heard] = [await inboundOf(consumers[0]), await inboundOf(consumers[1])];
    for (const inbound of [seen, heard]) {
      const { jitterBufferDelay = 0, jitterBufferEmittedCount = 0 } = inbound;
      assert.ok(jitterBufferEmittedCount > 0);
      // Bounded, and more than nothing: what is missing is waited for.
      const mean = jitterBufferDelay / jitterBufferEmittedCount;
      assert.ok(mean > 0 && mean < 0.5, `frames wait for ${mean} s`);
      t.diagnostic(
        `${String(inbound['kind'])}: waits ${Math.round(mean * 1000)} ms in the mean; ` +
          `${String(inbound['packetsDiscarded'])} packets came too late`,
      );
    }
  },
);

test(
  'NACKs, requests for keyframes and repairs are counted as the server counts them',
  limit,
  async (t) => {
    const relay = openRelay(t, { down: { loss: 0.05, delayMs: 20 } });
    const room = await openRoom(t);
    const alice = await join(room);
    const bob = await join(room);
    const producer = await (
      await alice.createSendTransport()
    ).produce({
      track: fileTrack('video', 'bars-440hz.mp4', { loop: true }),
      codec: codecOf(alice.device, 'video/VP8'),
    });
    await bob.createRecvTransport({ relay });
    const consumer = await room.consume(bob, producer);
    await sendOn(bob, consumer);
    await until(
      'repairs',
      async () => {
        const { retransmittedPacketsReceived = 0, nackCount = 0 } = await inboundOf(consumer);
        return retransmittedPacketsReceived > 10 && nackCount > 10;
      },
      { timeoutMs: 60_000 },
    );
    relay.down.set({});
    const atServer = room.serverConsumer(consumer);
    await until(
      'the same numbers on both sides',
      async () => {
        const ours = await inboundOf(consumer);
        const theirs = (await atServer.getStats()).find(({ type }) => type === 'outbound-rtp');
        assert.ok(theirs);
        return (
          ours['nackCount'] === theirs.nackCount &&
          ours['pliCount'] === theirs.pliCount &&
          (ours['retransmittedPacketsReceived'] ?? 0) <= theirs.packetsRetransmitted
        );
      },
      { timeoutMs: 30_000 },
    );
  },
);

test('a request for a keyframe that is lost is made again', limit, async (t) => {
  const relay = openRelay(t, {});
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    // No keyframe but the first, and those that are asked for.
    track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(alice.device, 'video/VP8'),
  });
  await bob.createRecvTransport({ relay });
  const consumer = await room.consume(bob, producer);
  await until('pictures', async () => Number((await inboundOf(consumer))['framesReceived']) > 10);
  relay.up.set({ loss: 1 });
  const again = await sendOn(bob, consumer);
  await until(
    'a request that is lost',
    async () => Number((await inboundOf(consumer))['pliCount']) > 0,
  );
  assert.equal((await inboundOf(consumer))['jitterBufferEmittedCount'], undefined);
  relay.up.set({});
  for (const picture of await decodePictures(room, again, { timeoutMs: 30_000 })) {
    assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
  }
});
