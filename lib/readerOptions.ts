import { assertObject, numberThat } from './arguments.js';
import { ArgumentError, describe } from './errors.js';
import { formatNumber, pixelFormats, sampleFormats } from './frames/formats.js';
import type { PixelFormat, SampleFormat } from './frames/formats.js';
import { Logger } from './Logger.js';
import { warnOfUnknownMembers } from './unknownMembers.js';
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
  /** In Hz: 3000 to 192000. */
  sampleRate?: number;
  /** Channels are mixed to as many: 1 is mono. */
  numberOfChannels?: number;
  /** `s16` unless given. */
  format?: SampleFormat;
  /** How long each AudioData is, in µs: 10000 is 10 ms. At least 1000, and 1000000 at the most. */
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

const logger = new Logger('MediaStreamTrackProcessor');

/** @throws TypeError that names the option. */
export function parseReadOptions(given: TrackReadOptions, kind: string): ReaderOptions {
  warnOfUnknownMembers(logger, 'options', given, ['maxBufferSize', 'video', 'audio']);
  const { maxBufferSize, video, audio } = given;
  const options: ReaderOptions = {};
  if (maxBufferSize !== undefined) {
    options.room = whole(maxBufferSize, 'maxBufferSize', 1, 1000);
  }
  if (video !== undefined) assertObject(video, 'video', 'an object');
  if (audio !== undefined) assertObject(audio, 'audio', 'an object');
  if (kind === 'video' && video) readVideo(video, options);
  if (kind === 'audio' && audio) readAudio(audio, options);
  return options;
}

function readVideo(video: VideoReadOptions, options: ReaderOptions): void {
  const known = ['width', 'height', 'format', 'maxFrameRate'];
  warnOfUnknownMembers(logger, 'video', video, known);
  const { width, height, format, maxFrameRate } = video;
  if (width !== undefined) options.width = whole(width, 'video.width', 1, 8192);
  if (height !== undefined) options.height = whole(height, 'video.height', 1, 8192);
  if (format !== undefined) options.pixelFormat = number(pixelFormats, format, 'video.format');
  if (maxFrameRate !== undefined) {
    const isRate = (rate: number) => Number.isFinite(rate) && rate > 0;
    options.maxFrameRate = numberThat(
      isRate,
      maxFrameRate,
      'video.maxFrameRate',
      'a number above 0',
    );
  }
}

function readAudio(audio: AudioReadOptions, options: ReaderOptions): void {
  const known = ['sampleRate', 'numberOfChannels', 'format', 'frameDuration'];
  warnOfUnknownMembers(logger, 'audio', audio, known);
  const { sampleRate, numberOfChannels, format, frameDuration } = audio;
  if (sampleRate !== undefined) {
    options.sampleRate = whole(sampleRate, 'audio.sampleRate', 3000, 192_000);
  }
  if (numberOfChannels !== undefined) {
    options.numberOfChannels = whole(numberOfChannels, 'audio.numberOfChannels', 1, 8);
  }
  if (format !== undefined) options.sampleFormat = number(sampleFormats, format, 'audio.format');
  if (frameDuration !== undefined) {
    const isDuration = (us: number) => us >= 1000 && us <= 1_000_000;
    const expected = 'µs, of 1000 to 1000000';
    options.frameDuration = numberThat(isDuration, frameDuration, 'audio.frameDuration', expected);
  }
}

function whole(value: unknown, name: string, least: number, most: number): number {
  const isWhole = (given: number) => Number.isInteger(given) && given >= least && given <= most;
  return numberThat(isWhole, value, name, `a whole number of ${least} to ${most}`);
}

function number(formats: readonly string[], value: unknown, name: string): number {
  const found = formatNumber(formats, value);
  if (found > 0) return found;
  throw new ArgumentError(`${name}: expected one of ${formats.join(', ')}, got ${describe(value)}`);
}
