import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf, join, openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { decodePictures, decodeSound } from '../e2e/support/decode.mjs';
import { colourDistance, meanColour } from '../e2e/support/picture.mjs';
import { loudness, strongestTone } from '../e2e/support/tone.mjs';
import { entryOf, limit, mediaCodecs, useBrowser } from './session.js';

const openPage = useBrowser();

type Client = Awaited<ReturnType<typeof join>>;

/** Receives a producer of the page, and sends it on: what is decoded has been here. */
async function echo(room: Room, client: Client, producerId: string) {
  const consumer = await room.consume(client, producerId);
  const { mimeType } = consumer.rtpParameters.codecs[0] ?? assert.fail();
  const sending = client.sendTransport ?? (await client.createSendTransport());
  const again = await sending.produce({
    track: consumer.track,
    codec: codecOf(client.device, mimeType),
  });
  return { consumer, again };
}

async function inboundOf(consumer: { getStats(): Promise<unknown> }) {
  const report = (await consumer.getStats()) as ReadonlyMap<string, Record<string, unknown>>;
  return entryOf(report.values(), 'inbound-rtp');
}

const green = { red: 0, green: 255, blue: 0 };

for (const name of ['VP8', 'VP9', 'H264']) {
  test(`a canvas of the page in ${name} is received`, limit, async (t) => {
    const room = await openRoom(t, { mediaCodecs });
    const bob = await join(room);
    const page = await openPage(t, room);
    const produced = await page.produceCanvas('#00ff00', { mimeType: `video/${name}` });
    const { consumer, again } = await echo(room, bob, produced);
    assert.equal(consumer.rtpParameters.codecs[0]?.mimeType, `video/${name}`);
    for (const picture of await decodePictures(room, again, { timeoutMs: 30_000 })) {
      const colour = meanColour(picture);
      assert.ok(colourDistance(colour, green) < 48, JSON.stringify(colour));
    }
    const inbound = await inboundOf(consumer);
    assert.ok(Number(inbound['framesReceived']) > 5);
    assert.deepEqual([inbound['frameWidth'], inbound['frameHeight']], [320, 240]);
  });
}

test('a canvas of the page in AV1 is received, and seen again in the page', limit, async (t) => {
  const room = await openRoom(t, { mediaCodecs });
  const bob = await join(room);
  const page = await openPage(t, room);
  const produced = await page.produceCanvas('#00ff00', { mimeType: 'video/AV1' });
  // The ffmpeg program does not take AV1 apart that comes as RTP.
  const { consumer, again } = await echo(room, bob, produced);
  assert.equal(consumer.rtpParameters.codecs[0]?.mimeType, 'video/AV1');
  const shown = await page.picture(await page.consume(again), 10);
  assert.deepEqual([shown.videoWidth, shown.videoHeight], [320, 240]);
  assert.ok(colourDistance(meanColour(shown), green) < 48, JSON.stringify(meanColour(shown)));
  const inbound = await inboundOf(consumer);
  assert.deepEqual([inbound['frameWidth'], inbound['frameHeight']], [320, 240]);
});

test('the fake camera and microphone of the page are received', limit, async (t) => {
  const room = await openRoom(t);
  const bob = await join(room);
  const page = await openPage(t, room);
  const video = await echo(room, bob, await page.produceDevice('video', { mimeType: 'video/VP8' }));
  const audio = await echo(room, bob, await page.produceDevice('audio'));
  // Green, with a clock and a disc that grow and move.
  const pictures = await decodePictures(room, video.again, { count: 30, timeoutMs: 30_000 });
  const [first, last] = [pictures[0], pictures.at(-1)];
  assert.ok(first && last);
  assert.ok(meanColour(first).green > meanColour(first).blue + 20);
  assert.notDeepEqual(first.data, last.data);
  // A beep in each second.
  const sound = await decodeSound(room, audio.again, { seconds: 2, timeoutMs: 30_000 });
  assert.ok(loudness(sound) > 0.001, `loudness ${loudness(sound)}`);
});

for (const name of ['opus', 'PCMU', 'PCMA']) {
  test(`a tone of the page in ${name} is received`, limit, async (t) => {
    const room = await openRoom(t);
    const bob = await join(room);
    const page = await openPage(t, room);
    const { again } = await echo(
      room,
      bob,
      await page.produceTone(660, { mimeType: `audio/${name}` }),
    );
    const sound = await decodeSound(room, again, { timeoutMs: 30_000 });
    assert.equal(strongestTone(sound).frequency, 660);
    assert.ok(loudness(sound) > 0.1, `loudness ${loudness(sound)}`);
  });
}

/** The size in a keyframe of VP8 (RFC 6386 section 9.1), if that is what a packet begins. */
function sizeInVp8(payload: Buffer): [number, number] | undefined {
  const start = payload.subarray(0, 20).indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  if (start < 0) return undefined;
  return [payload.readUInt16LE(start + 3) & 0x3fff, payload.readUInt16LE(start + 5) & 0x3fff];
}

test('each simulcast layer of the page is received in its size', limit, async (t) => {
  const room = await openRoom(t);
  const bob = await join(room);
  const page = await openPage(t, room);
  const produced = await page.produceCanvas('#00ff00', {
    mimeType: 'video/VP8',
    width: 960,
    height: 540,
    encodings: [
      { scaleResolutionDownBy: 4, maxBitrate: 100_000 },
      { scaleResolutionDownBy: 2, maxBitrate: 200_000 },
      { scaleResolutionDownBy: 1, maxBitrate: 400_000 },
    ],
    codecOptions: { videoGoogleStartBitrate: 3000 },
  });
  const { consumer, again } = await echo(room, bob, produced);
  const atServer = room.serverConsumer(consumer);
  let size: string | undefined;
  const tap = await room.plainTap(again);
  tap.on('packet', ({ payload }) => {
    size = sizeInVp8(payload)?.join('x') ?? size;
  });
  for (const [spatialLayer, expected] of [
    [0, '240x135'],
    [2, '960x540'],
    [1, '480x270'],
  ] as const) {
    await atServer.setPreferredLayers({ spatialLayer });
    await until(`pictures of ${expected}`, () => size === expected, { timeoutMs: 30_000 }).catch(
      (cause: unknown) => {
        throw new Error(`the last were of ${size}`, { cause });
      },
    );
    const inbound = await inboundOf(consumer);
    assert.equal(`${String(inbound['frameWidth'])}x${String(inbound['frameHeight'])}`, expected);
    const [picture] = await decodePictures(room, again, { count: 1, timeoutMs: 30_000 });
    assert.ok(picture && colourDistance(meanColour(picture), green) < 48);
  }
});
