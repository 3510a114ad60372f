// VideoFrame.copyTo() to each format of each: colors, parts, layouts, and what it refuses.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VideoFrame } from '../../lib/index.js';
import type { PixelFormat, VideoFrameCopyToOptions } from '../../lib/index.js';
import { pixelFormats, planeSizes } from '../../lib/frames/formats.js';

type Rgb = readonly [red: number, green: number, blue: number];
type Space = { matrix: 'smpte170m' | 'bt709' | 'bt2020-ncl'; fullRange: boolean };

const colors: readonly Rgb[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
  [0, 0, 0],
  [128, 128, 128],
  [200, 100, 50],
];
const usual: Space = { matrix: 'smpte170m', fullRange: false };
/** The shares of red and of blue in luma. */
const shares = {
  smpte170m: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  'bt2020-ncl': [0.2627, 0.0593],
} as const;

const isRgb = (format: PixelFormat): boolean =>
  format.startsWith('RGB') || format.startsWith('BGR');

/** A color's luma and chroma, as ITU-R BT.601, BT.709 and BT.2020 have them. */
function yuvOf([r, g, b]: Rgb, { matrix, fullRange }: Space): number[] {
  const [red, blue] = shares[matrix];
  const y = red * r + (1 - red - blue) * g + blue * b;
  const u = (b - y) / (2 * (1 - blue));
  const v = (r - y) / (2 * (1 - red));
  const [offset, luma, chroma] = fullRange ? [0, 1, 1] : [16, 219 / 255, 224 / 255];
  return [offset + y * luma, 128 + u * chroma, 128 + v * chroma].map((n) =>
    Math.min(Math.max(Math.round(n), 0), 255),
  );
}

/** What each byte of a plane repeats, of a picture of one color. */
function patterns(format: PixelFormat, color: Rgb, space: Space): number[][] {
  const [y = 0, u = 0, v = 0] = yuvOf(color, space);
  if (format === 'NV12') return [[y], [u, v]];
  if (!isRgb(format)) return [[y], [u], [v]];
  return [[...(format.startsWith('BGR') ? [...color].reverse() : color), 255]];
}

function paint(format: PixelFormat, width: number, height: number, color: Rgb, space = usual) {
  const bytes = planeSizes(format, width, height).flatMap(({ bytes: row, rows }, plane) => {
    const pattern = patterns(format, color, space)[plane] ?? [0];
    return Array.from({ length: row * rows }, (_, i) => pattern[i % pattern.length] ?? 0);
  });
  return new VideoFrame(Uint8Array.from(bytes), {
    format,
    codedWidth: width,
    codedHeight: height,
    timestamp: 0,
    ...(isRgb(format) ? {} : { colorSpace: space }),
  });
}

/** How far a copy is at the most from a picture of one color. */
async function farthest(
  frame: VideoFrame,
  options: VideoFrameCopyToOptions & { format: PixelFormat },
  color: Rgb,
  space = usual,
) {
  const room = new Uint8Array(frame.allocationSize(options)).fill(77);
  const layout = await frame.copyTo(room, options);
  const { width, height } = options.rect ?? { width: frame.codedWidth, height: frame.codedHeight };
  const wanted = patterns(options.format, color, space);
  let far = 0;
  planeSizes(options.format, width, height).forEach(({ bytes, rows }, plane) => {
    const { offset, stride } = layout[plane] ?? { offset: 0, stride: 0 };
    const pattern = wanted[plane] ?? [0];
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < bytes; i++) {
        const got = room[offset + row * stride + i] ?? 0;
        far = Math.max(far, Math.abs(got - (pattern[i % pattern.length] ?? 0)));
      }
    }
  });
  return far;
}

describe('VideoFrame.copyTo({ format })', () => {
  for (const from of pixelFormats) {
    it(`makes ${from} each other format, of any size, within 2 of 255`, async () => {
      for (const to of pixelFormats) {
        for (const [width, height] of [
          [1, 1],
          [7, 5],
          [64, 34],
        ] as const) {
          for (const color of colors) {
            const frame = paint(from, width, height, color);
            const far = await farthest(frame, { format: to }, color);
            assert.ok(far <= 2, `${from} to ${to}, ${width}x${height}, ${color.join()}: ${far}`);
            frame.close();
          }
        }
      }
    });
  }

  for (const matrix of ['smpte170m', 'bt709', 'bt2020-ncl'] as const) {
    for (const fullRange of [false, true]) {
      it(`goes by the color space: ${matrix} of ${fullRange ? 'full' : 'limited'} range`, async () => {
        const space = { matrix, fullRange };
        for (const from of ['I420', 'I422', 'I444', 'NV12'] as const) {
          for (const color of colors) {
            const frame = paint(from, 18, 10, color, space);
            const { colorSpace } = frame;
            assert.deepEqual(colorSpace, { primaries: null, transfer: null, matrix, fullRange });
            for (const format of ['RGBA', 'BGRX', 'I444', 'NV12'] as const) {
              const far = await farthest(frame, { format }, color, space);
              assert.ok(far <= 2, `${from} to ${format}, ${color.join()}: ${far}`);
            }
            frame.close();
          }
        }
      });
    }
  }

  it('copies a part, which begins at any pixel that has chroma of its own', async () => {
    for (const from of pixelFormats) {
      const frame = paint(from, 21, 15, [200, 100, 50]);
      for (const format of pixelFormats) {
        for (const rect of [
          { x: 2, y: 2, width: 3, height: 5 },
          { x: 20, y: 14, width: 1, height: 1 },
          ...(isRgb(from) || from === 'I444' ? [{ x: 3, y: 1, width: 4, height: 4 }] : []),
          ...(from === 'I422' ? [{ x: 2, y: 1, width: 4, height: 4 }] : []),
        ]) {
          const far = await farthest(frame, { format, rect }, [200, 100, 50]);
          assert.ok(far <= 2, `${from} to ${format}, ${JSON.stringify(rect)}: ${far}`);
        }
      }
      frame.close();
    }
  });

  it('puts planes where the layout says, and leaves what is between them', async () => {
    const frame = paint('RGBA', 6, 4, [0, 255, 0]);
    const layout = [
      { offset: 100, stride: 10 },
      { offset: 3, stride: 4 },
      { offset: 60, stride: 5 },
    ];
    assert.ok((await farthest(frame, { format: 'I420', layout }, [0, 255, 0])) <= 2);
    const room = new Uint8Array(200).fill(77);
    assert.deepEqual(await frame.copyTo(room, { format: 'I420', layout }), layout);
    const taken = new Set<number>();
    planeSizes('I420', 6, 4).forEach(({ bytes, rows }, plane) => {
      const { offset, stride } = layout[plane] ?? { offset: 0, stride: 0 };
      for (let i = 0; i < rows * bytes; i++) {
        taken.add(offset + Math.floor(i / bytes) * stride + (i % bytes));
      }
    });
    room.forEach((byte, at) => {
      if (!taken.has(at)) assert.equal(byte, 77, `byte ${at} was written`);
    });
    frame.close();
  });

  it('ignores the rotation, as WebCodecs does, and goes on when the frame is closed meanwhile', async () => {
    const frame = new VideoFrame(new Uint8Array(4 * 8).fill(255), {
      format: 'RGBA',
      codedWidth: 4,
      codedHeight: 2,
      timestamp: 0,
      rotation: 90,
    });
    assert.deepEqual([frame.displayWidth, frame.displayHeight], [2, 4]);
    const room = new Uint8Array(frame.allocationSize({ format: 'I444' }));
    const copied = frame.copyTo(room, { format: 'I444' });
    frame.close();
    const [luma, ...chroma] = await copied;
    assert.deepEqual([luma?.stride, chroma.length], [4, 2]);
    assert.ok(room.subarray(0, 8).every((value) => Math.abs(value - 235) <= 1));
  });

  it('refuses what cannot be, and says what', async () => {
    const frame = paint('I420', 8, 6, [0, 0, 0]);
    const room = new Uint8Array(1000);
    for (const [options, name, message] of [
      [{ format: 'NV21' }, 'NotSupportedError', /^format: expected one of I420, .*got "?'?NV21/],
      [{ format: 7 }, 'NotSupportedError', /^format: /],
      [{ rect: { x: 1, y: 0, width: 2, height: 2 } }, 'TypeError', /^rect: in I420 .*even/],
      [{ rect: { x: 0, y: 3, width: 2, height: 2 } }, 'TypeError', /^rect: in I420 .*even/],
      [{ rect: { x: 0, y: 0, width: 9, height: 2 } }, 'TypeError', /^rect: 9x2 .*8x6/],
      [{ rect: { x: 0, y: 2, width: 8, height: 5 } }, 'TypeError', /^rect: 8x5 .*8x6/],
      [{ rect: { x: 0, y: 0, width: 0, height: 2 } }, 'TypeError', /^rect: 0x2/],
      [{ rect: { x: -2, y: 0, width: 2, height: 2 } }, 'TypeError', /^rect\.x: .*-2/],
      [{ rect: { x: 0, y: 0.5, width: 2, height: 2 } }, 'TypeError', /^rect\.y: .*0\.5/],
      [{ rect: { x: 0, y: 0, width: '2', height: 2 } }, 'TypeError', /^rect\.width: /],
      [{ rect: { x: 0, y: 0, width: 2 } }, 'TypeError', /^rect\.height: .*undefined/],
      [{ rect: 7 }, 'TypeError', /^rect: expected \{ x/],
      [{ layout: [] }, 'TypeError', /^layout: expected 1 planes/],
      [{ layout: {} }, 'TypeError', /^layout: /],
      [{ layout: [{ offset: 0, stride: 31 }] }, 'TypeError', /^layout\[0\]\.stride: at least 32/],
      [{ layout: [{ offset: -1, stride: 32 }] }, 'TypeError', /^layout\[0\]\.offset: /],
      [{ layout: [7] }, 'TypeError', /^layout\[0\]: expected \{ offset, stride \}/],
      [{ layout: [null] }, 'TypeError', /^layout\[0\]: .*null/],
      [{ layout: [{ offset: 900, stride: 32 }] }, 'TypeError', /^destination: 1092 bytes/],
    ] as const) {
      const all = { format: 'RGBA', ...options } as never;
      const expected = { name, message };
      await assert.rejects(frame.copyTo(room, all), expected, JSON.stringify(options));
      if (!message.source.startsWith('^destination')) {
        assert.throws(() => frame.allocationSize(all), expected, JSON.stringify(options));
      }
    }
    await assert.rejects(frame.copyTo(new Uint8Array(191), { format: 'RGBA' }), {
      name: 'TypeError',
      message: /^destination: 192 bytes are needed, it has 191/,
    });
    await assert.rejects(frame.copyTo(room, null as never), /^TypeError: options/);
    await assert.rejects(frame.copyTo('' as never, { format: 'RGBA' }), /^TypeError: destination/);
    for (const [colorSpace, message] of [
      [{ matrix: 'bt601' }, /^init\.colorSpace\.matrix: expected one of rgb, bt709/],
      [{ fullRange: 1 }, /^init\.colorSpace\.fullRange: expected a boolean/],
      [7, /^init\.colorSpace: expected an object/],
    ] as const) {
      const init = { format: 'RGBA', codedWidth: 1, codedHeight: 1, timestamp: 0, colorSpace };
      assert.throws(() => new VideoFrame(new Uint8Array(4), init as never), {
        name: 'TypeError',
        message,
      });
    }
    frame.close();
    await assert.rejects(frame.copyTo(room, { format: 'RGBA' }), { name: 'InvalidStateError' });
  });
});
