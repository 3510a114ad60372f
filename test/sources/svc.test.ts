import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { VideoFrame, VideoTrackGenerator, createFactory } from 'mediasoup-client-pion';
import { OLDEST, serverPackage } from '../../scripts/lib/mediasoup-worker.mjs';
import { codecOf, join, openRoom, until, withoutFeedback } from '../e2e/session.js';
import { defaultMediaCodecs } from '../e2e/support/room.mjs';
import type { PlainTap } from '../e2e/support/room.mjs';
import { clip } from './support/clips.mjs';
import { decodedSizes, nextPictures } from './support/pictures.js';
import type { LayeredCodec } from './support/pictures.js';

const av1 = { kind: 'video' as const, mimeType: 'video/AV1', clockRate: 90000 };

type Layer = { spatialLayer: number; temporalLayer: number; size: string };
const layer = (spatialLayer: number, temporalLayer: number, size: string): Layer => ({
  ...{ spatialLayer, temporalLayer, size },
});

async function ofFile() {
  const file = await clip('layers.mp4', [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=30:d=5'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
  ]);
  const data = { sourceType: 'file', sourceValue: file, decode: true, loop: true };
  return new FakeMediaStreamTrack({ kind: 'video', data });
}

/** Of pictures that the app writes: a gradient that moves. */
function ofGenerator(t: TestContext) {
  const [width, height] = [640, 360];
  const generator = new VideoTrackGenerator();
  const data = new Uint8Array(width * height * 1.5).fill(128);
  let count = 0;
  const timer = setInterval(() => {
    count++;
    for (let at = 0; at < width * height; at++) {
      data[at] = (at + 4 * count + Math.trunc(at / width)) % 256;
    }
    const timestamp = performance.now() * 1000;
    const init = { format: 'I420', codedWidth: width, codedHeight: height, timestamp } as const;
    generator.write(new VideoFrame(data, init)).catch(() => undefined);
  }, 33);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
  return generator.track;
}

async function produce(
  t: TestContext,
  codec: LayeredCodec,
  scalabilityMode: string,
  track: MediaStreamTrack,
) {
  const room = await openRoom(t, {
    mediaCodecs: [...defaultMediaCodecs.filter(({ mimeType }) => !/av1/i.test(mimeType)), av1],
  });
  const device = await Device.factory({ handlerFactory: createFactory() });
  // Layers are left out where the network does not carry them, as it seems on a machine that is held up.
  const all = structuredClone(room.router.rtpCapabilities) as types.RtpCapabilities;
  const routerRtpCapabilities = withoutFeedback(all, 'transport-cc', 'goog-remb');
  await device.load({ routerRtpCapabilities });
  const alice = await room.join({ device });
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track,
    codec: codecOf(device, `video/${codec}`),
    encodings: [{ scalabilityMode, maxBitrate: 2_000_000 }],
    codecOptions: { videoGoogleStartBitrate: 2000 },
  });
  return { room, producer };
}

/**
 * What the server has for one stream of layers: 'svc' whatever its codec is. The oldest has 'simulcast' for VP8 and H264,
 * whose layers are temporal alone.
 */
function typeOf(codec: LayeredCodec) {
  const temporalAlone = codec === 'VP8' || codec === 'H264';
  return temporalAlone && serverPackage() === OLDEST ? 'simulcast' : 'svc';
}

/** Has a tap get a layer. */
async function choose(tap: PlainTap, { spatialLayer, temporalLayer }: Layer): Promise<void> {
  let asked = -Infinity;
  await until(
    `layer ${spatialLayer}.${temporalLayer}`,
    async () => {
      // The server considers only layers that it has seen, and over plain RTP only when it is
      // asked for others than before.
      if (performance.now() - asked > 1000) {
        const other = (temporalLayer + 1) % 3;
        await tap.consumer.setPreferredLayers({ spatialLayer, temporalLayer: other });
        await tap.consumer.setPreferredLayers({ spatialLayer, temporalLayer });
        asked = performance.now();
      }
      const current = tap.consumer.currentLayers;
      return current?.spatialLayer === spatialLayer && current.temporalLayer === temporalLayer;
    },
    { timeoutMs: 90_000 },
  );
}

/** Asks for each layer in turn, the highest first, and looks at what comes. */
async function checkLayers(
  t: TestContext,
  codec: LayeredCodec,
  mode: string,
  layers: [Layer, ...Layer[]],
  track?: MediaStreamTrack,
) {
  const { room, producer } = await produce(t, codec, mode, track ?? (await ofFile()));
  const server = room.serverProducer(producer);
  assert.equal(server.type, typeOf(codec));
  assert.equal(server.rtpParameters.encodings?.[0]?.scalabilityMode, mode);
  const [tap, whole] = [await room.plainTap(producer), await room.plainTap(producer)];
  /** The pictures that there are: a machine that is busy encodes fewer than the source has. */
  const timestamps = new Set<number>();
  await choose(whole, layers[0]);
  whole.on('packet', ({ timestamp }) => timestamps.add(timestamp));
  for (const one of layers) {
    const { spatialLayer, temporalLayer, size } = one;
    const what = `${codec} ${mode}, layer ${spatialLayer}.${temporalLayer}`;
    await choose(tap, one);
    const pictures = await nextPictures(tap, codec, 8 << temporalLayer);
    const first = pictures[0]?.timestamp ?? 0;
    const since = (timestamp: number) => (timestamp - first) >>> 0;
    const length = since(pictures.at(-1)?.timestamp ?? 0);
    const after = () => [...timestamps].map(since).filter((time) => time > 0 && time < 2 ** 31);
    await until(`${what}: all pictures`, () => after().some((time) => time >= length));
    const share = (pictures.length - 1) / after().filter((time) => time <= length).length;
    const want = 2 ** (temporalLayer - 2);
    assert.ok(
      share > want * 0.7 && share < want * 1.4,
      `${what}: ${share} of pictures, want ${want}`,
    );
    const sizes = await decodedSizes(codec, pictures);
    assert.equal(sizes.length, pictures.length, `${what}: pictures that are decoded`);
    assert.deepEqual(new Set(sizes), new Set([size]), what);
  }
}

const spatialLayers: [Layer, ...Layer[]] = [
  layer(2, 2, '640x360'),
  layer(1, 1, '320x180'),
  layer(0, 0, '160x90'),
  layer(2, 0, '640x360'),
];

test('a consumer gets the layer of VP9 L3T3 that it asks for', (t) =>
  checkLayers(t, 'VP9', 'L3T3', spatialLayers));

test('a consumer gets the layer of VP9 L3T3_KEY that it asks for', (t) =>
  checkLayers(t, 'VP9', 'L3T3_KEY', spatialLayers));

test('a consumer gets the layer of AV1 L1T3 that it asks for', (t) =>
  checkLayers(t, 'AV1', 'L1T3', [
    layer(0, 2, '640x360'),
    layer(0, 0, '640x360'),
    layer(0, 1, '640x360'),
  ]));

test('a consumer gets the layer of VP8 L1T3 that it asks for', (t) =>
  checkLayers(t, 'VP8', 'L1T3', [layer(0, 2, '640x360'), layer(0, 0, '640x360')]));

test('a consumer gets the layer of H264 L1T3 that it asks for', (t) =>
  checkLayers(t, 'H264', 'L1T3', [
    layer(0, 2, '640x360'),
    layer(0, 0, '640x360'),
    layer(0, 1, '640x360'),
  ]));

test('pictures that an app writes are sent in the layers of VP9 L3T3_KEY', (t) =>
  checkLayers(t, 'VP9', 'L3T3_KEY', spatialLayers, ofGenerator(t)));

test('pictures that an app writes are sent in the layers of AV1 L1T3', (t) =>
  checkLayers(
    ...([t, 'AV1', 'L1T3'] as const),
    [layer(0, 2, '640x360'), layer(0, 0, '640x360')],
    ofGenerator(t),
  ));

test('a scalability mode that a codec has not is refused, and leaves the transport usable', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const track = () =>
    new FakeMediaStreamTrack({
      kind: 'video',
      data: { sourceType: 'device', format: 'lavfi', sourceValue: 'testsrc2=s=320x240:r=30' },
    });
  await assert.rejects(
    transport.produce({
      track: track(),
      codec: codecOf(alice.device, 'video/H264'),
      encodings: [{ scalabilityMode: 'L3T3' }],
    }),
    {
      name: 'UnsupportedError',
      message: /L3T3 of video\/H264 is not supported \(L1T1, L1T2, L1T3 can be had\)/,
    },
  );
  const producer = await transport.produce({ track: track() });
  assert.equal(producer.closed, false);
});
