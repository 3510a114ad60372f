import { assertObject } from './arguments.js';
import { ArgumentError, describe } from './errors.js';
import { formatNumber, pixelFormats, sampleFormats } from './frames/formats.js';
import type { PixelFormat, SampleFormat } from './frames/formats.js';
import type { ReaderOptions } from './wire.js';

/** How pictures are to be. They are converted by the core, before they get to JavaScript. */
export type VideoReadOptions = {
  /** In pixels. One of `width` and `height` alone keeps the shape. */
  width?: number;
  /** In pixels. */
  height?: number;
  /** `I420` unless given: what decoders give, and no work. */
  format?: PixelFormat;
  /** In pictures a second: those above are left out. */
  maxFrameRate?: number;
};

/** How sound is to be. What is not given is as it comes. */
export type AudioReadOptions = {
  /** In Hz. */
  sampleRate?: number;
  /** Channels are mixed to as many: 1 is mono. */
  numberOfChannels?: number;
  /** `s16` unless given. */
  format?: SampleFormat;
  /** How long each AudioData is, in µs: 10000 is 10 ms. */
  frameDuration?: number;
};

/** How a track is read. */
export type TrackReadOptions = {
  /** How many frames wait to be read: the oldest drop out. Of pictures 3, of sound 100 unless given. */
  maxBufferSize?: number;
  /** Of a track of video. */
  video?: VideoReadOptions;
  /** Of a track of audio. */
  audio?: AudioReadOptions;
};

/** @throws TypeError that names the option. */
export function parseReadOptions(
  { maxBufferSize, video, audio }: TrackReadOptions,
  kind: string,
): ReaderOptions {
  const options: ReaderOptions = {};
  if (maxBufferSize !== undefined) {
    options.room = whole(maxBufferSize, 'maxBufferSize', 1000);
  }
  if (video !== undefined) assertObject(video, 'video', 'an object');
  if (audio !== undefined) assertObject(audio, 'audio', 'an object');
  if (kind === 'video' && video) {
    const { width, height, format, maxFrameRate } = video;
    if (width !== undefined) options.width = whole(width, 'video.width', 8192);
    if (height !== undefined) options.height = whole(height, 'video.height', 8192);
    if (format !== undefined) options.pixelFormat = number(pixelFormats, format, 'video.format');
    if (maxFrameRate !== undefined) {
      options.maxFrameRate = positive(maxFrameRate, 'video.maxFrameRate');
    }
  }
  if (kind === 'audio' && audio) {
    const { sampleRate, numberOfChannels, format, frameDuration } = audio;
    if (sampleRate !== undefined)
      options.sampleRate = whole(sampleRate, 'audio.sampleRate', 192000);
    if (numberOfChannels !== undefined) {
      options.numberOfChannels = whole(numberOfChannels, 'audio.numberOfChannels', 8);
    }
    if (format !== undefined) options.sampleFormat = number(sampleFormats, format, 'audio.format');
    if (frameDuration !== undefined) {
      options.frameDuration = positive(frameDuration, 'audio.frameDuration');
    }
  }
  return options;
}

function whole(value: unknown, name: string, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most)
    return value;
  throw new ArgumentError(
    `${name}: expected a whole number of 1 to ${most}, got ${describe(value)}`,
  );
}

function positive(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new ArgumentError(`${name}: expected a number above 0, got ${describe(value)}`);
}

function number(formats: readonly string[], value: unknown, name: string): number {
  const found = formatNumber(formats, value);
  if (found > 0) return found;
  throw new ArgumentError(`${name}: expected one of ${formats.join(', ')}, got ${describe(value)}`);
}
