import { Bridge } from '../bridge.js';
import { bytesOf, isBytes, lengthOf } from '../bytes.js';
import type { Bytes } from '../bytes.js';
import { ArgumentError, InvalidStateError, NotSupportedError, describe } from '../errors.js';
import { formatNumber, isPlanar, sampleBytes, sampleFormats } from './formats.js';
import type { SampleFormat } from './formats.js';
import { FrameKind } from './head.js';
import type { FrameMetadata, Head } from './head.js';
import type { NativeFrame } from './NativeFrame.js';
import { assertObject, natural, numberThat, timestamp } from '../arguments.js';
import { ofThisThread } from '../ofThisThread.js';

/** What sound in memory is. */
export type AudioDataInit = {
  /** How samples are written, and whether each channel has a plane. */
  format: SampleFormat;
  /** In Hz. */
  sampleRate: number;
  /** Samples of each channel, 1 to 1,920,000. */
  numberOfFrames: number;
  /** 1 to 32. */
  numberOfChannels: number;
  /** In µs. */
  timestamp: number;
  /** Samples as `format` has them; planes follow each other. They are copied. */
  data: Bytes;
};

/** What of sound to copy, and how. */
export type AudioDataCopyToOptions = {
  /** A channel of a planar format, else 0. */
  planeIndex: number;
  /** The first sample; 0 unless it says otherwise. */
  frameOffset?: number;
  /** How many samples; all that follow unless it says so. */
  frameCount?: number;
  /** Another format is converted to. */
  format?: SampleFormat;
};

/** Ten seconds at 192 kHz. */
const MOST_FRAMES = 1_920_000;
const MOST_CHANNELS = 32;

type Own = { native: NativeFrame; timestamp: number };

const owners = new WeakMap<AudioData, Own>();

function keep(data: AudioData, own: Own): void {
  owners.set(data, own);
  ofThisThread(data);
}

/** The memory and the time of sound that is not closed. */
export function ownSoundOf(data: AudioData): Own {
  const own = owners.get(data);
  if (!own) {
    if (data instanceof AudioData) throw new InvalidStateError('the AudioData is closed');
    throw new ArgumentError(`data: expected an AudioData, got ${describe(data)}`);
  }
  return own;
}

/**
 * WebCodecs' AudioData, whose memory is the core's. Who has one calls `close()`.
 *
 * @see https://www.w3.org/TR/webcodecs/#audiodata-interface
 *
 * @example
 * const samples = new Int16Array(data.numberOfFrames);
 * data.copyTo(samples, { planeIndex: 0, format: 's16-planar' });
 * data.close();
 */
export class AudioData {
  /** @throws TypeError if the bytes are not what `init` describes. */
  constructor(init: AudioDataInit) {
    keep(this, made(init));
  }

  /** @internal Sound of the core, whose use passes to it. */
  static of(native: NativeFrame): AudioData {
    const data = Object.create(AudioData.prototype) as AudioData;
    keep(data, { native, timestamp: native.head.timestamp });
    return data;
  }

  /** Null once it is closed. */
  get format(): SampleFormat | null {
    return sampleFormats[numberOf(this, 'format') - 1] ?? null;
  }

  /** In Hz; 0 once it is closed, as all numbers are. */
  get sampleRate(): number {
    return numberOf(this, 'sampleRate');
  }

  /** Samples of each channel. */
  get numberOfFrames(): number {
    return numberOf(this, 'samples');
  }

  /** 0 once it is closed. */
  get numberOfChannels(): number {
    return numberOf(this, 'channels');
  }

  /** In µs. */
  get duration(): number {
    const { sampleRate, numberOfFrames } = this;
    return sampleRate === 0 ? 0 : Math.trunc((numberOfFrames * 1_000_000) / sampleRate);
  }

  /** In µs. */
  get timestamp(): number {
    return owners.get(this)?.timestamp ?? 0;
  }

  /** `sequence` counts the pieces of a reader; `dropped` are those that it lost right before this one. */
  metadata(): FrameMetadata {
    const { sequence, dropped } = ownSoundOf(this).native.head;
    return { sequence, dropped };
  }

  /**
   * How many bytes `copyTo()` needs.
   *
   * @throws InvalidStateError if it is closed; TypeError, RangeError or NotSupportedError if `options` can't be.
   */
  allocationSize(options: AudioDataCopyToOptions): number {
    return partOf(this, options).size;
  }

  /**
   * Copies the samples of a plane.
   *
   * @throws RangeError if `destination` is too small; and as `allocationSize()`.
   */
  copyTo(destination: Bytes, options: AudioDataCopyToOptions): void {
    if (!isBytes(destination)) {
      throw new ArgumentError(`destination: expected bytes, got ${describe(destination)}`);
    }
    const { head, size } = partOf(this, options);
    if (lengthOf(destination) < size) {
      throw new RangeError(
        `destination: ${size} bytes are needed, it has ${lengthOf(destination)}`,
      );
    }
    ownSoundOf(this).native.copy(head, bytesOf(destination).subarray(0, size));
  }

  /**
   * Sound of the same memory, which is closed by itself.
   *
   * @throws InvalidStateError if it is closed.
   */
  clone(): AudioData {
    const { native, timestamp } = ownSoundOf(this);
    const data = Object.create(AudioData.prototype) as AudioData;
    keep(data, { native: native.share(), timestamp });
    return data;
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

function made(init: AudioDataInit): Own {
  assertObject(init, 'init', 'an AudioDataInit');
  const format = formatNumber(sampleFormats, init.format);
  if (format === 0) {
    throw new NotSupportedError(
      `init.format: expected one of ${sampleFormats.join(', ')}, got ${describe(init.format)}`,
    );
  }
  const isRate = (given: number) => given >= 3000 && given <= 768_000;
  const sampleRate = numberThat(isRate, init.sampleRate, 'init.sampleRate', '3000 to 768000 Hz');
  const samples = natural(init.numberOfFrames, 'init.numberOfFrames', MOST_FRAMES);
  const channels = natural(init.numberOfChannels, 'init.numberOfChannels', MOST_CHANNELS);
  if (samples === 0 || channels === 0) {
    throw new ArgumentError(`init: ${samples} frames of ${channels} channels`);
  }
  if (!isBytes(init.data))
    throw new ArgumentError(`init.data: expected bytes, got ${describe(init.data)}`);
  const size = samples * channels * sampleBytes(init.format);
  if (lengthOf(init.data) < size) {
    throw new ArgumentError(`init.data: ${size} bytes are needed, it has ${lengthOf(init.data)}`);
  }
  const at = timestamp(init.timestamp, 'init.timestamp');
  const native = Bridge.open().makeFrame(
    { kind: FrameKind.Audio, format, sampleRate, channels, samples, timestamp: at },
    bytesOf(init.data).subarray(0, size),
  );
  return { native, timestamp: at };
}

function numberOf(
  data: AudioData,
  field: 'format' | 'sampleRate' | 'samples' | 'channels',
): number {
  return owners.get(data)?.native.head[field] ?? 0;
}

function partOf(
  data: AudioData,
  options: AudioDataCopyToOptions,
): { head: Partial<Head>; size: number } {
  ownSoundOf(data);
  assertObject(options, 'options', '{ planeIndex }');
  const format = options.format ?? data.format ?? 's16';
  const number = formatNumber(sampleFormats, format);
  if (number === 0) {
    throw new NotSupportedError(
      `format: expected one of ${sampleFormats.join(', ')}, got ${describe(format)}`,
    );
  }
  const plane = natural(options.planeIndex, 'planeIndex');
  const offset = natural(options.frameOffset ?? 0, 'frameOffset');
  const planes = isPlanar(format) ? data.numberOfChannels : 1;
  if (plane >= planes) throw new RangeError(`planeIndex: ${plane} of ${planes}`);
  if (offset >= data.numberOfFrames)
    throw new RangeError(`frameOffset: ${offset} of ${data.numberOfFrames}`);
  const count = natural(options.frameCount ?? data.numberOfFrames - offset, 'frameCount');
  if (offset + count > data.numberOfFrames) {
    throw new RangeError(`frameCount: ${count} from ${offset} on of ${data.numberOfFrames}`);
  }
  const channels = isPlanar(format) ? 1 : data.numberOfChannels;
  return {
    head: { kind: FrameKind.Audio, format: number, x: plane, y: offset, samples: count },
    size: count * channels * sampleBytes(format),
  };
}
