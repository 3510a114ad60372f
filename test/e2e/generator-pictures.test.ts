import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import { MediaStreamTrackProcessor, VideoFrame, VideoTrackGenerator } from 'mediasoup-client-pion';
import type { PixelFormat, VideoFrameBufferInit } from 'mediasoup-client-pion';
import { codecOf, join, openRoom } from './session.js';
import type { Room } from './session.js';
import { decodePictures, decodedSize } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';

type Colour = keyof typeof colours;

/** As RGBX, and as BT.601 of limited range. */
const codes = {
  red: { rgbx: [254, 0, 0, 255], yuv: [81, 90, 240] },
  blue: { rgbx: [0, 0, 254, 255], yuv: [41, 240, 110] },
  black: { rgbx: [0, 0, 0, 255], yuv: [16, 128, 128] },
} satisfies Record<Colour, object>;

/** A picture of RGBX or I444 whose pixels have the colour that `at` says. */
function picture(
  size: { width: number; height: number },
  at: (x: number, y: number) => Colour,
  init: Partial<VideoFrameBufferInit> = {},
): VideoFrame {
  const { width, height } = size;
  const planar = init.format === 'I444';
  const data = new Uint8Array(width * height * (planar ? 3 : 4));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const { rgbx, yuv } = codes[at(x, y)];
      const place = y * width + x;
      if (planar) yuv.forEach((value, plane) => (data[plane * width * height + place] = value));
      else data.set(rgbx, place * 4);
    }
  }
  return new VideoFrame(data, {
    ...{ format: 'RGBX', codedWidth: width, codedHeight: height },
    timestamp: performance.now() * 1000,
    ...init,
  });
}

/** Writes what `next` makes 30 times a second, until the test ends. */
function write(t: TestContext, generator: VideoTrackGenerator, next: (n: number) => VideoFrame) {
  let n = 0;
  const timer = setInterval(() => {
    generator.write(next(n++)).catch(() => undefined);
  }, 33);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
}

async function produce(room: Room, mimeType: string, options: Partial<types.ProducerOptions> = {}) {
  const generator = new VideoTrackGenerator();
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const codec = codecOf(alice.device, mimeType);
  const producer = await transport.produce({ track: generator.track, codec, ...options });
  return { generator, producer, transport, alice };
}

for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264']) {
  test(`${mimeType}: pictures of another size in the middle are seen in that size`, async (t) => {
    const room = await openRoom(t);
    const { generator, producer } = await produce(room, mimeType);
    const sizes = [
      { width: 320, height: 240 },
      { width: 640, height: 360 },
      { width: 178, height: 322 },
    ];
    let written = sizes[0] ?? assert.fail();
    write(t, generator, () => picture(written, () => (written.width === 640 ? 'blue' : 'red')));
    const bob = await join(room);
    await bob.createRecvTransport();
    const { track } = await room.consume(bob, producer);
    const reader = new MediaStreamTrackProcessor<VideoFrame>({
      track,
      video: { format: 'RGBA' },
    }).readable.getReader();
    t.after(() => reader.cancel());
    // The same reader all the while, back to the first too.
    for (const size of [...sizes, ...sizes]) {
      written = size;
      for (;;) {
        const { value } = await reader.read();
        assert.ok(value);
        const { codedWidth: width, codedHeight: height } = value;
        const rgba = new Uint8Array(value.allocationSize());
        await value.copyTo(rgba);
        value.close();
        const data = rgba.filter((_, index) => index % 4 !== 3);
        const expected = width === 640 ? colours.blue : colours.red;
        assert.ok(colourDistance(meanColour({ width, height, data }), expected) < 24);
        if (width === size.width && height === size.height) break;
      }
    }
  });
}

test('each layer of simulcast has its own size', async (t) => {
  const room = await openRoom(t);
  const { generator, producer } = await produce(room, 'video/VP8', {
    encodings: [
      { scaleResolutionDownBy: 4 },
      { scaleResolutionDownBy: 2 },
      { scaleResolutionDownBy: 1 },
    ],
  });
  const one = picture({ width: 640, height: 368 }, () => 'red');
  t.after(() => {
    one.close();
  });
  write(t, generator, () => one.clone());
  for (const [spatialLayer, size] of [
    { width: 160, height: 92 },
    { width: 320, height: 184 },
    { width: 640, height: 368 },
  ].entries()) {
    assert.deepEqual(await decodedSize(room, producer, { layers: { spatialLayer } }), size);
  }
});

const halves = { left: { right: 0.45 }, right: { left: 0.55 } };
const quarters = {
  topLeft: { right: 0.45, bottom: 0.45 },
  topRight: { left: 0.55, bottom: 0.45 },
  bottomLeft: { right: 0.45, top: 0.55 },
  bottomRight: { left: 0.55, top: 0.55 },
};

for (const format of ['RGBX', 'I444'] satisfies PixelFormat[]) {
  test(`only what is visible of a picture is sent: ${format}`, async (t) => {
    const room = await openRoom(t);
    const { generator, producer } = await produce(room, 'video/VP8');
    // Black but for a rectangle, which is red on the left and blue on the right.
    const visibleRect = { x: 33, y: 21, width: 256, height: 128 };
    const frame = picture(
      { width: 400, height: 300 },
      (x, y) => {
        const inside = x >= 33 && x < 33 + 256 && y >= 21 && y < 21 + 128;
        if (!inside) return 'black';
        return x < 33 + 128 ? 'red' : 'blue';
      },
      { format, visibleRect },
    );
    t.after(() => {
      frame.close();
    });
    assert.deepEqual(frame.visibleRect, visibleRect);
    assert.deepEqual([frame.codedWidth, frame.codedHeight], [400, 300]);
    assert.deepEqual([frame.displayWidth, frame.displayHeight], [256, 128]);
    write(t, generator, () => frame.clone());
    assert.deepEqual(await decodedSize(room, producer), { width: 256, height: 128 });
    const [seen] = await decodePictures(room, producer, { count: 1, width: 256, height: 128 });
    assert.ok(seen);
    assert.ok(colourDistance(meanColour(seen, halves.left), colours.red) < 24);
    assert.ok(colourDistance(meanColour(seen, halves.right), colours.blue) < 24);
  });
}

for (const rotation of [90, 180, 270]) {
  test(`a picture that is to be turned by ${rotation} degrees stands upright at the far end`, async (t) => {
    const room = await openRoom(t);
    const { generator, producer } = await produce(room, 'video/VP8');
    // The visible part has a red corner, which goes clockwise from the top left.
    const frame = picture(
      { width: 340, height: 200 },
      (x, y) => (x < 100 + 20 && y < 60 + 10 ? 'red' : 'blue'),
      { rotation, visibleRect: { x: 20, y: 10, width: 200, height: 120 } },
    );
    t.after(() => {
      frame.close();
    });
    const size = rotation === 180 ? { width: 200, height: 120 } : { width: 120, height: 200 };
    assert.deepEqual({ width: frame.displayWidth, height: frame.displayHeight }, size);
    write(t, generator, () => frame.clone());
    assert.deepEqual(await decodedSize(room, producer), size);
    const [seen] = await decodePictures(room, producer, { count: 1, ...size });
    assert.ok(seen);
    const red = { 90: 'topRight', 180: 'bottomRight', 270: 'bottomLeft' }[rotation];
    for (const [name, quarter] of Object.entries(quarters)) {
      const expected = name === red ? colours.red : colours.blue;
      assert.ok(colourDistance(meanColour(seen, quarter), expected) < 30, name);
    }
  });
}
