import { Bridge } from '../bridge.js';
import { bytesOf, isBytes, lengthOf } from '../bytes.js';
import type { Bytes } from '../bytes.js';
import { ArgumentError, InvalidStateError, NotSupportedError, describe } from '../errors.js';
import { spaceFrom, spaceOf, unknownSpace } from './colorSpace.js';
import type { VideoFrameColorSpace } from './colorSpace.js';
import { formatNumber, pixelFormats, planeSizes, subsampling } from './formats.js';
import type { PixelFormat, PlaneSize } from './formats.js';
import { FrameKind } from './head.js';
import type { FrameMetadata, Head } from './head.js';
import type { NativeFrame } from './NativeFrame.js';
import { assertObject, duration, natural, timestamp } from '../arguments.js';
import { ofThisThread } from '../ofThisThread.js';

/** Where a plane begins, and how far apart its rows are, in bytes. */
export type PlaneLayout = {
  /** Of the first byte. */
  offset: number;
  /** From the beginning of a row to that of the next. */
  stride: number;
};

/** A rectangle in pixels. */
export type VideoFrameRect = {
  /** The first column. */
  x: number;
  /** The first row. */
  y: number;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
};

/** What a picture in memory is. */
export type VideoFrameBufferInit = {
  /** How pixels are written. */
  format: PixelFormat;
  /** In pixels. */
  codedWidth: number;
  /** In pixels. */
  codedHeight: number;
  /** In µs. */
  timestamp: number;
  /** In µs. */
  duration?: number;
  /** Planes follow each other without gaps unless it says otherwise. */
  layout?: PlaneLayout[];
  /** How far it is to be turned clockwise to stand upright: 0, 90, 180 or 270 degrees. */
  rotation?: number;
  /** What of it is to be seen, and sent; all of it unless it says otherwise. */
  visibleRect?: VideoFrameRect;
  /**
   * What its colors mean; BT.601 of limited range unless it says otherwise. `matrix` and `fullRange` are what is converted
   * by, `primaries` and `transfer` are only told on.
   */
  colorSpace?: Partial<VideoFrameColorSpace>;
  /** How large it is to be shown, upright: told on, not applied. With `displayHeight`; as is visible unless it says otherwise. */
  displayWidth?: number;
  /** With `displayWidth`. */
  displayHeight?: number;
};

/** What is different of a picture that is made of another. */
export type VideoFrameInit = {
  /** In µs. */
  timestamp?: number;
  /** In µs. */
  duration?: number;
  /** What of it is to be seen, and sent: within `codedRect`. */
  visibleRect?: VideoFrameRect;
  /** How large it is to be shown, upright, with `displayHeight`; by the other's scale unless it says otherwise. */
  displayWidth?: number;
  /** With `displayWidth`. */
  displayHeight?: number;
};

/** What of a picture to copy, and how. */
export type VideoFrameCopyToOptions = {
  /** The part, within `codedRect`; `visibleRect` unless it says otherwise. */
  rect?: VideoFrameRect;
  /** Where its planes are to lie; behind each other unless it says otherwise. */
  layout?: PlaneLayout[];
  /**
   * Any: what is not the picture's own is converted to, on another thread, by the picture's `colorSpace`. RGB is of full
   * range; what is made of RGB is BT.601 of limited range.
   */
  format?: PixelFormat;
};

/** A plane of a picture as it lies in memory: only to be read. */
export type VideoFramePlane = {
  /** All rows. */
  data: Uint8Array;
  /** From the beginning of a row to that of the next, in bytes. */
  stride: number;
  /** How many there are. */
  rows: number;
};

/** The largest width, and the largest height, in pixels. */
const MOST_SIDE = 16_384;

/** Of WebIDL's unsigned long. */
const MOST_DISPLAYED = 2 ** 32 - 1;

type Size = { width: number; height: number };

type Own = {
  native: NativeFrame;
  timestamp: number;
  duration: number;
  visible: VideoFrameRect;
  /** As it stands upright. */
  display: Size;
  space: VideoFrameColorSpace;
};

const owners = new WeakMap<VideoFrame, Own>();

function keep(frame: VideoFrame, own: Own): void {
  owners.set(frame, own);
  ofThisThread(frame);
}

/** The memory and the times of a picture that is not closed. */
export function ownOf(frame: VideoFrame, name = 'frame', expected = 'a VideoFrame'): Own {
  const own = owners.get(frame);
  if (!own) {
    if (frame instanceof VideoFrame) throw new InvalidStateError('the VideoFrame is closed');
    throw new ArgumentError(`${name}: expected ${expected}, got ${describe(frame)}`);
  }
  return own;
}

/**
 * WebCodecs' VideoFrame, whose memory is the core's. Who has one calls `close()`: pictures are large, and whoever makes
 * them waits for those that are not closed.
 *
 * @see https://www.w3.org/TR/webcodecs/#videoframe-interface
 *
 * @example
 * const rgba = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
 * await frame.copyTo(rgba, { format: 'RGBA' });
 * frame.close();
 */
export class VideoFrame {
  /**
   * A picture of bytes, which are copied; or one of the same memory as another.
   *
   * @throws TypeError if the bytes are not what `init` describes.
   * @throws InvalidStateError if the other picture is closed.
   */
  constructor(data: Bytes, init: VideoFrameBufferInit);
  constructor(frame: VideoFrame, init?: VideoFrameInit);
  constructor(source: Bytes | VideoFrame, init?: VideoFrameBufferInit | VideoFrameInit) {
    keep(this, isBytes(source) ? made(source, init as VideoFrameBufferInit) : again(source, init));
  }

  /** @internal A picture of the core, whose use passes to it. */
  static of(native: NativeFrame): VideoFrame {
    const frame = Object.create(VideoFrame.prototype) as VideoFrame;
    const { timestamp, duration, rotation, format } = native.head;
    const visible = wholeOf(native.head);
    keep(frame, {
      ...{ native, timestamp, duration, visible },
      display: upright(visible, rotation),
      space: spaceOf(pixelFormats[format - 1] ?? 'I420', native.head),
    });
    return frame;
  }

  /** Null once it is closed. */
  get format(): PixelFormat | null {
    return pixelFormats[numberOf(this, 'format') - 1] ?? null;
  }

  /** In pixels; 0 once it is closed, as all sizes are. */
  get codedWidth(): number {
    return numberOf(this, 'width');
  }

  /** In pixels. */
  get codedHeight(): number {
    return numberOf(this, 'height');
  }

  /** Null once it is closed. */
  get codedRect(): VideoFrameRect | null {
    if (!owners.has(this)) return null;
    return { x: 0, y: 0, width: this.codedWidth, height: this.codedHeight };
  }

  /** What of it is to be seen, and sent. */
  get visibleRect(): VideoFrameRect | null {
    const own = owners.get(this);
    return own ? { ...own.visible } : null;
  }

  /** How far it is to be turned clockwise to stand upright. */
  get rotation(): number {
    return numberOf(this, 'rotation');
  }

  /** How large it is to be shown, upright: what is visible of it, unless whoever made it said otherwise. */
  get displayWidth(): number {
    return owners.get(this)?.display.width ?? 0;
  }

  /** As `displayWidth`. */
  get displayHeight(): number {
    return owners.get(this)?.display.height ?? 0;
  }

  /** In µs. */
  get timestamp(): number {
    return owners.get(this)?.timestamp ?? 0;
  }

  /** In µs; null if it is not known. */
  get duration(): number | null {
    const known = owners.get(this)?.duration ?? 0;
    return known === 0 ? null : known;
  }

  /** What is known of its colors. */
  get colorSpace(): VideoFrameColorSpace {
    return { ...(owners.get(this)?.space ?? unknownSpace) };
  }

  /** `sequence` counts the pictures of a reader; `dropped` are those that it lost right before this one. */
  metadata(): FrameMetadata {
    const { sequence, dropped } = ownOf(this).native.head;
    return { sequence, dropped };
  }

  /**
   * The planes where they lie, without a copy: until `close()`, when they are detached. Others may read the same memory:
   * do not write to it. Not of WebCodecs.
   *
   * @throws InvalidStateError if it is closed.
   */
  get planes(): VideoFramePlane[] {
    const { native } = ownOf(this);
    const { width, height, stride } = native.head;
    return planeSizes(formatOf(this), width, height).map(({ bytes, rows }, i) => ({
      data: new Uint8Array(native.plane(i)),
      stride: stride[i] ?? bytes,
      rows,
    }));
  }

  /**
   * How many bytes `copyTo()` needs.
   *
   * @throws InvalidStateError if it is closed; TypeError or NotSupportedError if `options` can't be.
   */
  allocationSize(options: VideoFrameCopyToOptions = {}): number {
    return partOf(this, options).size;
  }

  /**
   * Copies what is visible, or another part. It resolves to where the planes lie. A format of its own is copied
   * before the promise is returned, another is converted to on another thread.
   *
   * @throws TypeError if `destination` is too small; and as `allocationSize()`.
   */
  async copyTo(destination: Bytes, options: VideoFrameCopyToOptions = {}): Promise<PlaneLayout[]> {
    if (!isBytes(destination)) {
      throw new ArgumentError(`destination: expected bytes, got ${describe(destination)}`);
    }
    const { head, size, layout, sizes, converted } = partOf(this, options);
    if (lengthOf(destination) < size) {
      throw new ArgumentError(
        `destination: ${size} bytes are needed, it has ${lengthOf(destination)}`,
      );
    }
    const { native } = ownOf(this);
    if (!converted) {
      native.copy(head, bytesOf(destination));
      return layout;
    }
    const copy = new Uint8Array(await native.convert(head, size));
    // It may have been transferred meanwhile.
    if (lengthOf(destination) < size) throw new ArgumentError('destination: it was detached');
    const to = bytesOf(destination);
    layout.forEach(({ offset, stride }, i) => {
      const { bytes, rows } = sizes[i] ?? { bytes: 0, rows: 0 };
      for (let row = 0; row < rows; row++) {
        const at = offset + row * stride;
        to.set(copy.subarray(at, at + bytes), at);
      }
    });
    return layout;
  }

  /**
   * A picture of the same memory, which is closed by itself.
   *
   * @throws InvalidStateError if it is closed.
   */
  clone(): VideoFrame {
    return new VideoFrame(this);
  }

  /** Gives the memory back. It may be called twice. */
  close(): void {
    owners.get(this)?.native.release();
    owners.delete(this);
  }

  /** `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function wholeOf({ width, height }: { width: number; height: number }): VideoFrameRect {
  return { x: 0, y: 0, width, height };
}

function upright({ width, height }: Size, rotation: number): Size {
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** What `init` says of the size to be shown. */
function displayOf(init: { displayWidth?: number; displayHeight?: number }): Size | undefined {
  if (init.displayWidth === undefined && init.displayHeight === undefined) return undefined;
  const width = natural(init.displayWidth, 'init.displayWidth', MOST_DISPLAYED);
  const height = natural(init.displayHeight, 'init.displayHeight', MOST_DISPLAYED);
  if (width === 0 || height === 0) {
    throw new ArgumentError(`init.displayWidth: a picture to be shown as ${width}x${height}`);
  }
  return { width, height };
}

/** What a layout takes, in bytes. */
function sizeOfLayout(layout: PlaneLayout[], sizes: PlaneSize[]): number {
  return layout.reduce((most, { offset, stride }, i) => {
    const { bytes, rows } = sizes[i] ?? { bytes: 0, rows: 0 };
    return Math.max(most, offset + stride * (rows - 1) + bytes);
  }, 0);
}

function checkRect(
  rect: VideoFrameRect,
  { width, height }: { width: number; height: number },
  format: PixelFormat,
  name: string,
): VideoFrameRect {
  assertObject(rect, name, '{ x, y, width, height }');
  const checked = {
    x: natural(rect.x, `${name}.x`),
    y: natural(rect.y, `${name}.y`),
    width: natural(rect.width, `${name}.width`),
    height: natural(rect.height, `${name}.height`),
  };
  if (
    checked.width === 0 ||
    checked.height === 0 ||
    checked.x + checked.width > width ||
    checked.y + checked.height > height
  ) {
    throw new ArgumentError(
      `${name}: ${checked.width}x${checked.height} at ${checked.x}, ${checked.y} is not within ${width}x${height}`,
    );
  }
  const { x, y } = subsampling(format);
  if ((x && checked.x % 2 === 1) || (y && checked.y % 2 === 1)) {
    throw new ArgumentError(`${name}: in ${format} it begins at even pixels only`);
  }
  return checked;
}

function checkLayout(layout: PlaneLayout[] | undefined, sizes: PlaneSize[]): PlaneLayout[] {
  if (!layout) {
    let offset = 0;
    return sizes.map(({ bytes, rows }) => {
      const plane = { offset, stride: bytes };
      offset += bytes * rows;
      return plane;
    });
  }
  if (!Array.isArray(layout) || layout.length !== sizes.length) {
    throw new ArgumentError(`layout: expected ${sizes.length} planes, got ${describe(layout)}`);
  }
  // Also where one is missing, which map() leaves out.
  const planes = Array.from(layout, (plane: unknown, i) => {
    assertObject(plane, `layout[${i}]`, '{ offset, stride }');
    const { offset, stride } = plane as Partial<PlaneLayout>;
    return {
      offset: natural(offset, `layout[${i}].offset`),
      stride: natural(stride, `layout[${i}].stride`),
    };
  });
  const taken: { from: number; to: number }[] = [];
  planes.forEach(({ offset, stride }, i) => {
    const { bytes, rows } = sizes[i] ?? { bytes: 0, rows: 0 };
    if (stride < bytes)
      throw new ArgumentError(`layout[${i}].stride: at least ${bytes}, got ${stride}`);
    const to = offset + stride * (rows - 1) + bytes;
    if (taken.some((other) => offset < other.to && other.from < to)) {
      throw new ArgumentError(`layout[${i}]: it overlaps another plane`);
    }
    taken.push({ from: offset, to });
  });
  return planes;
}

function made(data: Bytes, init: VideoFrameBufferInit): Own {
  assertObject(init, 'init', 'a VideoFrameBufferInit');
  const format = formatNumber(pixelFormats, init.format);
  if (format === 0) {
    throw new NotSupportedError(
      `init.format: expected one of ${pixelFormats.join(', ')}, got ${describe(init.format)}`,
    );
  }
  const width = natural(init.codedWidth, 'init.codedWidth', MOST_SIDE);
  const height = natural(init.codedHeight, 'init.codedHeight', MOST_SIDE);
  if (width === 0 || height === 0) throw new ArgumentError(`init: a picture of ${width}x${height}`);
  const rotation = natural(init.rotation ?? 0, 'init.rotation');
  if (rotation % 90 !== 0)
    throw new ArgumentError(`init.rotation: expected 0, 90, 180 or 270, got ${rotation}`);
  const sizes = planeSizes(init.format, width, height);
  const layout = checkLayout(init.layout, sizes);
  const size = sizeOfLayout(layout, sizes);
  if (lengthOf(data) < size) {
    throw new ArgumentError(`data: ${size} bytes are needed, it has ${lengthOf(data)}`);
  }
  const times = {
    timestamp: timestamp(init.timestamp, 'init.timestamp'),
    duration: duration(init.duration, 'init.duration'),
  };
  const whole = wholeOf({ width, height });
  const visible = checkRect(init.visibleRect ?? whole, whole, init.format, 'init.visibleRect');
  const display = displayOf(init) ?? upright(visible, rotation);
  const { space, colors } = spaceFrom(init.format, init.colorSpace);
  const native = Bridge.open().makeFrame(
    {
      kind: FrameKind.Video,
      format,
      width,
      height,
      rotation: rotation % 360,
      ...colors,
      offset: layout.map(({ offset }) => offset),
      stride: layout.map(({ stride }) => stride),
      ...times,
    },
    bytesOf(data),
  );
  return { native, visible, display, space, ...times };
}

function again(source: VideoFrame, init: VideoFrameInit = {}): Own {
  const own = ownOf(source, 'data', 'bytes or a VideoFrame');
  assertObject(init, 'init', 'a VideoFrameInit');
  const times = {
    timestamp:
      init.timestamp === undefined ? own.timestamp : timestamp(init.timestamp, 'init.timestamp'),
    duration: init.duration === undefined ? own.duration : duration(init.duration, 'init.duration'),
  };
  const visible =
    init.visibleRect === undefined
      ? own.visible
      : checkRect(init.visibleRect, own.native.head, formatOf(source), 'init.visibleRect');
  const display = displayOf(init) ?? scaled(own, visible);
  return { native: own.native.share(), visible, display, space: own.space, ...times };
}

/** What `visible` is to be shown as, by the scale of another part of the same picture. */
function scaled({ native, visible: other, display }: Own, visible: VideoFrameRect): Size {
  const { rotation } = native.head;
  const [from, to] = [upright(other, rotation), upright(visible, rotation)];
  return {
    width: Math.round((to.width * display.width) / from.width),
    height: Math.round((to.height * display.height) / from.height),
  };
}

function numberOf(frame: VideoFrame, field: 'format' | 'width' | 'height' | 'rotation'): number {
  return owners.get(frame)?.native.head[field] ?? 0;
}

function formatOf(frame: VideoFrame): PixelFormat {
  return frame.format ?? 'I420';
}

/** What to copy, and how the copy lies. */
function partOf(frame: VideoFrame, options: VideoFrameCopyToOptions) {
  const { native, visible } = ownOf(frame);
  assertObject(options, 'options', 'an object');
  const own = formatOf(frame);
  const format = options.format ?? own;
  if (formatNumber(pixelFormats, format) === 0) {
    throw new NotSupportedError(
      `format: expected one of ${pixelFormats.join(', ')}, got ${describe(format)}`,
    );
  }
  const rect = checkRect(options.rect ?? visible, native.head, own, 'rect');
  const sizes = planeSizes(format, rect.width, rect.height);
  const layout = checkLayout(options.layout, sizes);
  const size = sizeOfLayout(layout, sizes);
  const head: Partial<Head> = {
    kind: FrameKind.Video,
    format: formatNumber(pixelFormats, format),
    ...rect,
    offset: layout.map(({ offset }) => offset),
    stride: layout.map(({ stride }) => stride),
  };
  return { head, size, layout, sizes, converted: format !== own };
}
