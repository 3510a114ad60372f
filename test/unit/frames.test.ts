// Pictures and sound in memory of the core: what apps make, copy, share and close.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { AudioData, VideoFrame } from '../../lib/index.js';
import type { PixelFormat, SampleFormat } from '../../lib/index.js';
import { Field, readHead, writeHead } from '../../lib/frames/head.js';
import { root } from './waist/native.js';

/** Bytes that all differ from their neighbours. */
const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7) % 251);

const sizes: Record<string, (width: number, height: number) => number> = {
  I420: (w, h) => w * h + 2 * Math.ceil(w / 2) * Math.ceil(h / 2),
  I422: (w, h) => w * h + 2 * Math.ceil(w / 2) * h,
  I444: (w, h) => 3 * w * h,
  NV12: (w, h) => w * h + 2 * Math.ceil(w / 2) * Math.ceil(h / 2),
  RGBA: (w, h) => 4 * w * h,
  BGRX: (w, h) => 4 * w * h,
};

describe('a head', () => {
  it('has the fields of abi.h, in their order', () => {
    const header = readFileSync(path.join(root, 'goexport', 'abi.h'), 'utf8');
    const body = /typedef struct mscp_frame \{([^}]*)\}/.exec(header)?.[1] ?? '';
    const fields: [string, number][] = [];
    let at = 0;
    for (const [, name = '', count] of body
      .replaceAll('double', '')
      .matchAll(/(\w+)(?:\[(\d)\])?/g)) {
      fields.push([name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), at]);
      at += Number(count ?? 1);
    }
    assert.deepEqual(Object.entries(Field), fields);
  });

  it('is read as it was written, with 0 for what was not', () => {
    const numbers = Float64Array.from({ length: 36 }, (_, i) => i + 0.5);
    const head = readHead(numbers);
    assert.deepEqual(Object.keys(head).sort(), Object.keys(Field).sort());
    const again = new Float64Array(36);
    writeHead(again, head);
    assert.deepEqual(again, numbers);
    writeHead(again, { width: 7, stride: [1, 2, 3, 4, 5, 6] });
    const expected = new Float64Array(36);
    expected[Field.width] = 7;
    expected.set([1, 2, 3, 4], Field.stride);
    assert.deepEqual(again, expected);
  });
});

describe('a VideoFrame', () => {
  for (const format of Object.keys(sizes) as PixelFormat[]) {
    for (const [width, height] of [
      [4, 2],
      [5, 3],
      [1, 1],
      [64, 48],
    ] as const) {
      it(`of ${width}x${height} in ${format} gives back the bytes that it was made of`, async () => {
        const size = sizes[format]?.(width, height) ?? 0;
        const bytes = pattern(size);
        const frame = new VideoFrame(bytes, {
          format,
          codedWidth: width,
          codedHeight: height,
          timestamp: -5,
          duration: 7,
        });
        bytes.fill(0);
        assert.equal(frame.allocationSize(), size);
        const copy = new Uint8Array(size);
        await frame.copyTo(copy);
        assert.deepEqual(copy, pattern(size));
        assert.deepEqual([frame.timestamp, frame.duration, frame.format], [-5, 7, format]);
        assert.deepEqual(
          Buffer.concat(frame.planes.map(({ data }) => data)),
          Buffer.from(pattern(size)),
        );
        frame.close();
      });
    }
  }

  it('is made of, and copied to, planes that lie anywhere', async () => {
    const layout = [
      { offset: 100, stride: 10 },
      { offset: 3, stride: 4 },
      { offset: 60, stride: 5 },
    ];
    const data = pattern(200);
    const frame = new VideoFrame(data, {
      format: 'I420',
      codedWidth: 6,
      codedHeight: 4,
      timestamp: 0,
      layout,
    });
    const again = new Uint8Array(200).fill(255);
    assert.deepEqual(await frame.copyTo(again, { layout }), layout);
    for (const [{ offset, stride }, width, rows] of [
      [layout[0], 6, 4],
      [layout[1], 3, 2],
      [layout[2], 3, 2],
    ] as [{ offset: number; stride: number }, number, number][]) {
      for (let row = 0; row < rows; row++) {
        const at = offset + row * stride;
        assert.deepEqual(again.subarray(at, at + width), data.subarray(at, at + width));
        if (row < rows - 1) assert.equal(again[at + width], 255);
      }
    }
    frame.close();
  });

  it('is copied in part', async () => {
    const frame = new VideoFrame(pattern(4 * 8 * 6), {
      format: 'RGBA',
      codedWidth: 8,
      codedHeight: 6,
      timestamp: 0,
    });
    const rect = { x: 3, y: 2, width: 4, height: 3 };
    const part = new Uint8Array(frame.allocationSize({ rect }));
    await frame.copyTo(part, { rect });
    const all = pattern(4 * 8 * 6);
    assert.deepEqual(
      Buffer.from(part),
      Buffer.concat([2, 3, 4].map((y) => all.subarray(4 * (8 * y + 3), 4 * (8 * y + 7)))),
    );
    frame.close();
  });

  it('is what is visible of it, to who copies and clones', async () => {
    const visibleRect = { x: 3, y: 2, width: 4, height: 3 };
    const init = { format: 'RGBA', codedWidth: 8, codedHeight: 6, timestamp: 0 } as const;
    const whole = new VideoFrame(pattern(4 * 8 * 6), { ...init, rotation: 90 });
    const made = new VideoFrame(pattern(4 * 8 * 6), { ...init, visibleRect, rotation: 90 });
    const part = new VideoFrame(whole, { visibleRect });
    const again = part.clone();
    const expected = new Uint8Array(4 * 4 * 3);
    await whole.copyTo(expected, { rect: visibleRect });
    for (const frame of [made, part, again]) {
      assert.deepEqual(frame.visibleRect, visibleRect);
      assert.deepEqual(frame.codedRect, { x: 0, y: 0, width: 8, height: 6 });
      assert.deepEqual([frame.displayWidth, frame.displayHeight], [3, 4]);
      assert.equal(frame.allocationSize(), 48);
      const copy = new Uint8Array(48);
      await frame.copyTo(copy);
      assert.deepEqual(copy, expected);
      const i420 = new Uint8Array(frame.allocationSize({ format: 'I420' }));
      assert.equal(i420.length, 4 * 3 + 2 * 2 * 2);
      await frame.copyTo(i420, { format: 'I420' });
      // Another part of all of it can still be asked for.
      assert.equal(frame.allocationSize({ rect: { ...visibleRect, x: 0, width: 8 } }), 96);
    }
    for (const rect of [{ width: 0 }, { width: 6 }, { y: 4 }]) {
      assert.throws(() => new VideoFrame(whole, { visibleRect: { ...visibleRect, ...rect } }), {
        name: 'TypeError',
        message: /init.visibleRect/,
      });
    }
    for (const wrong of [{ ...visibleRect, x: -1 }, { ...visibleRect, x: 0.5 }, 5, null]) {
      assert.throws(() => new VideoFrame(whole, { visibleRect: wrong as never }), TypeError);
    }
    for (const frame of [whole, made, part, again]) {
      frame.close();
      assert.equal(frame.visibleRect, null);
      assert.equal(frame.displayWidth, 0);
    }
  });

  it('has the color space that it was made with, and so have its clones', () => {
    const init = { codedWidth: 4, codedHeight: 2, timestamp: 0 };
    const none = { primaries: null, transfer: null, matrix: null, fullRange: null };
    const rgb = { ...none, matrix: 'rgb', fullRange: true };
    for (const [format, given, expected] of [
      ['I420', undefined, none],
      ['NV12', {}, none],
      ['I420', none, none],
      ['I444', { matrix: 'bt2020-ncl' }, { ...none, matrix: 'bt2020-ncl' }],
      ['I420', { fullRange: false }, { ...none, fullRange: false }],
      [
        'I422',
        { primaries: 'bt2020', transfer: 'pq', matrix: 'bt2020-ncl', fullRange: true },
        { primaries: 'bt2020', transfer: 'pq', matrix: 'bt2020-ncl', fullRange: true },
      ],
      ['I420', { transfer: 'smpte170m' }, { ...none, transfer: 'smpte170m' }],
      ['RGBA', undefined, rgb],
      [
        'BGRX',
        { primaries: 'bt709', transfer: 'iec61966-2-1' },
        { ...rgb, primaries: 'bt709', transfer: 'iec61966-2-1' },
      ],
    ] as const) {
      const colorSpace = given && { ...given };
      const made = new VideoFrame(pattern(32), { ...init, format, colorSpace } as never);
      const frames = [made, made.clone(), new VideoFrame(made, { timestamp: 7 }).clone()];
      // Nobody else's object.
      if (colorSpace) Object.assign(colorSpace, { transfer: 'linear' });
      Object.assign(made.colorSpace, { transfer: 'linear' });
      for (const frame of frames) {
        assert.deepEqual(frame.colorSpace, expected);
        frame.close();
        assert.deepEqual(frame.colorSpace, none, 'of a closed frame nothing is known');
      }
    }
    for (const [colorSpace, message] of [
      [{ primaries: 'bt601' }, /^init\.colorSpace\.primaries: expected one of bt709, .*"bt601"/],
      [{ transfer: 7 }, /^init\.colorSpace\.transfer: expected one of bt709, .*7/],
    ] as const) {
      const wrong = { ...init, format: 'I420', colorSpace } as never;
      assert.throws(() => new VideoFrame(pattern(32), wrong), { name: 'TypeError', message });
    }
  });

  it('is shown in the size that it was made with, and another part of it by the same scale', () => {
    const init = { format: 'I420', codedWidth: 8, codedHeight: 6, timestamp: 0 } as const;
    const display = (frame: VideoFrame) => {
      const size = [frame.displayWidth, frame.displayHeight];
      frame.close();
      return size;
    };
    for (const rotation of [0, 90, 180, 270]) {
      const frame = new VideoFrame(pattern(72), {
        ...{ ...init, rotation },
        ...{ displayWidth: 32, displayHeight: 12 },
      });
      const visibleRect = { x: 0, y: 2, width: 4, height: 4 };
      const turned = rotation % 180 !== 0;
      assert.deepEqual(display(frame.clone()), [32, 12]);
      assert.deepEqual(display(new VideoFrame(frame, { timestamp: 1 })), [32, 12]);
      assert.deepEqual(
        display(new VideoFrame(frame, { visibleRect })),
        turned ? [Math.round((4 * 32) / 6), 6] : [16, 8],
      );
      const other = { visibleRect, displayWidth: 5, displayHeight: 9 };
      assert.deepEqual(display(new VideoFrame(frame, other)), [5, 9]);
      assert.deepEqual([frame.codedWidth, frame.codedHeight], [8, 6]);
      assert.deepEqual(display(frame), [32, 12]);
      assert.deepEqual(display(frame), [0, 0], 'it is closed');
    }
    const whole = new VideoFrame(pattern(72), init);
    for (const wrong of [
      { displayWidth: 8 },
      { displayHeight: 8 },
      { displayWidth: 0, displayHeight: 8 },
      { displayWidth: 8, displayHeight: 0 },
      { displayWidth: 8.5, displayHeight: 8 },
      { displayWidth: -8, displayHeight: 8 },
    ]) {
      const expected = { name: 'TypeError', message: /^init\.display(Width|Height): / };
      assert.throws(() => new VideoFrame(pattern(72), { ...init, ...wrong }), expected);
      assert.throws(() => new VideoFrame(whole, wrong), expected);
    }
    whole.close();
  });

  it('refuses what does not fit, and loses nothing', async () => {
    const frame = new VideoFrame(pattern(24), {
      format: 'I420',
      codedWidth: 4,
      codedHeight: 4,
      timestamp: 1,
    });
    const make =
      (init: object, bytes = 24) =>
      () =>
        new VideoFrame(new Uint8Array(bytes), {
          format: 'I420',
          codedWidth: 4,
          codedHeight: 4,
          timestamp: 0,
          ...init,
        } as never);
    assert.throws(make({}, 23), TypeError);
    assert.throws(make({ format: 'P010' }), { name: 'NotSupportedError' });
    assert.throws(make({ codedWidth: 0 }), TypeError);
    assert.throws(make({ codedWidth: 1e6 }), TypeError);
    assert.throws(make({ codedHeight: -1 }), TypeError);
    assert.throws(make({ timestamp: NaN }), TypeError);
    assert.throws(make({ timestamp: undefined }), TypeError);
    assert.throws(make({ duration: -1 }), TypeError);
    assert.throws(make({ rotation: 45 }), TypeError);
    assert.throws(make({ layout: [] }), TypeError);
    assert.throws(() => new VideoFrame(7 as never), TypeError);
    assert.throws(() => new VideoFrame(new Uint8Array(1), null as never), TypeError);
    await assert.rejects(frame.copyTo(new Uint8Array(23)), TypeError);
    await assert.rejects(frame.copyTo('' as never), TypeError);
    await assert.rejects(
      frame.copyTo(new Uint8Array(99), { rect: { x: 1, y: 0, width: 2, height: 2 } }),
      TypeError,
    );
    await assert.rejects(
      frame.copyTo(new Uint8Array(99), { rect: { x: 0, y: 0, width: 5, height: 2 } }),
      TypeError,
    );
    await assert.rejects(frame.copyTo(new Uint8Array(99), { format: 'NV21' as never }), {
      name: 'NotSupportedError',
    });
    await assert.rejects(
      frame.copyTo(new Uint8Array(99), {
        layout: [
          { offset: 0, stride: 4 },
          { offset: 2, stride: 2 },
          { offset: 40, stride: 2 },
        ],
      }),
      /overlaps/,
    );
    const copy = new Uint8Array(24);
    await frame.copyTo(copy);
    assert.deepEqual(copy, pattern(24));
    frame.close();
  });

  it('is gone when it is closed, and its planes with it; its clone lives on', async () => {
    const frame = new VideoFrame(pattern(24), {
      format: 'I420',
      codedWidth: 4,
      codedHeight: 4,
      timestamp: 9,
    });
    const clone = frame.clone();
    const later = new VideoFrame(frame, { timestamp: 10 });
    const [luma] = frame.planes;
    frame.close();
    frame.close();
    assert.deepEqual(
      [frame.format, frame.codedWidth, frame.timestamp, frame.codedRect],
      [null, 0, 0, null],
    );
    assert.throws(() => frame.clone(), { name: 'InvalidStateError' });
    assert.throws(() => frame.planes, { name: 'InvalidStateError' });
    await assert.rejects(frame.copyTo(new Uint8Array(24)), { name: 'InvalidStateError' });
    assert.ok(luma);
    assert.equal(luma.data.length, 16, 'others still hold it');
    assert.deepEqual([clone.timestamp, later.timestamp], [9, 10]);
    clone.close();
    later.close();
    assert.equal(luma.data.length, 0, 'the last use is over');
  });

  it('that is forgotten is given back', async () => {
    assert.ok(globalThis.gc, 'node --expose-gc');
    // More than may be held at once.
    for (let i = 0; i < 800; i++) {
      new VideoFrame(new Uint8Array(4 * 1024 * 1024), {
        format: 'RGBA',
        codedWidth: 1024,
        codedHeight: 1024,
        timestamp: 0,
      });
      if (i % 50 === 49) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  });
});

describe('AudioData', () => {
  const formats: SampleFormat[] = [
    'u8',
    's16',
    's32',
    'f32',
    'u8-planar',
    's16-planar',
    's32-planar',
    'f32-planar',
  ];
  /** Two channels: one rises, one falls. */
  const samples = [-1, -0.5, -0.25, 0, 0.25, 0.5].flatMap((x) => [x, -x / 2]);
  const sound = (): AudioData =>
    new AudioData({
      format: 'f32',
      sampleRate: 48_000,
      numberOfFrames: 6,
      numberOfChannels: 2,
      timestamp: 20,
      data: Float32Array.from(samples),
    });

  for (const format of formats) {
    it(`is copied as ${format}, and back`, () => {
      const data = sound();
      const planes = format.endsWith('planar') ? [0, 1] : [0];
      const parts = planes.map((planeIndex) => {
        const bytes = new Uint8Array(data.allocationSize({ planeIndex, format }));
        data.copyTo(bytes, { planeIndex, format });
        return bytes;
      });
      const again = new AudioData({
        format,
        sampleRate: 48_000,
        numberOfFrames: 6,
        numberOfChannels: 2,
        timestamp: 20,
        data: Buffer.concat(parts),
      });
      const back = new Float32Array(12);
      again.copyTo(back, { planeIndex: 0, format: 'f32' });
      for (const [i, want] of samples.entries())
        assert.ok(Math.abs((back[i] ?? 9) - want) < 0.01, `${i}: ${back[i]}, ${want}`);
      assert.deepEqual([again.format, again.duration, again.timestamp], [format, 125, 20]);
      data.close();
      again.close();
    });
  }

  it('is copied in part, and refuses what does not fit', () => {
    const data = sound();
    const part = new Float32Array(2);
    data.copyTo(part, { planeIndex: 1, frameOffset: 1, frameCount: 2, format: 'f32-planar' });
    assert.deepEqual([...part], [0.25, 0.125]);
    for (const options of [
      { planeIndex: 1 },
      { planeIndex: 0, frameOffset: 6 },
      { planeIndex: 0, frameOffset: 5, frameCount: 2 },
    ]) {
      assert.throws(() => data.allocationSize(options), RangeError);
    }
    assert.throws(() => {
      data.copyTo(new Uint8Array(47), { planeIndex: 0 });
    }, RangeError);
    assert.throws(
      () => {
        data.copyTo(new Uint8Array(48), { planeIndex: 0, format: 's24' as never });
      },
      { name: 'NotSupportedError' },
    );
    assert.throws(() => {
      data.copyTo(new Uint8Array(48), undefined as never);
    }, TypeError);
    for (const wrong of [
      { format: 's24' },
      { sampleRate: 0 },
      { numberOfFrames: 0 },
      { numberOfChannels: 33 },
      { timestamp: 'now' },
      { data: new Uint8Array(3) },
      { data: 3 },
    ]) {
      assert.throws(
        () =>
          new AudioData({
            format: 'u8',
            sampleRate: 8000,
            numberOfFrames: 4,
            numberOfChannels: 1,
            timestamp: 0,
            data: new Uint8Array(99),
            ...wrong,
          } as never),
        /Error/,
      );
    }
    const clone = data.clone();
    data.close();
    data.close();
    assert.throws(() => data.clone(), { name: 'InvalidStateError' });
    assert.equal(clone.numberOfFrames, 6);
    clone.close();
    assert.deepEqual(
      [clone.format, clone.numberOfFrames, clone.duration, clone.sampleRate],
      [null, 0, 0, 0],
    );
  });
});

describe('frames that nobody closes', () => {
  it('are bounded, and the error says what to do', () => {
    const held: AudioData[] = [];
    const data = new Uint8Array(1);
    const make = () =>
      new AudioData({
        format: 'u8',
        sampleRate: 8000,
        numberOfFrames: 1,
        numberOfChannels: 1,
        timestamp: 0,
        data,
      });
    try {
      assert.throws(
        () => {
          for (;;) held.push(make());
        },
        { name: 'OperationError', code: 'ERR_BUFFER_FULL', message: /close\(\).*write\(\)/ },
      );
      assert.ok(held.length > 60_000 && held.length <= 65_536, `${held.length}`);
      held.pop()?.close();
      held.push(make());
    } finally {
      for (const each of held) each.close();
    }
  });
});
