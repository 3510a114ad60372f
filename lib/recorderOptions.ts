import path from 'node:path';
import { assertObject, numberThat } from './arguments.js';
import { ArgumentError, NotSupportedError, describe } from './errors.js';
import { Logger } from './Logger.js';
import { assertMayWrite } from './permission.js';
import { warnOfUnknownMembers } from './unknownMembers.js';

/** W3C's MediaRecorderOptions, and where it goes. */
export type MediaRecorderOptions = {
  /**
   * The container, and the codecs that are preferred: `video/webm;codecs=vp9,opus`, `video/mp4`,
   * `video/x-matroska`, `application/vnd.apple.mpegurl`, `audio/ogg`, `audio/wav`. By default what the ending of `file` says, else `video/webm`.
   */
  mimeType?: string;
  /** Where it is written, in the place of what is there. Without it `dataavailable` has it. */
  file?: string;
  /**
   * Milliseconds between two cuts of HLS, 500 to 60,000; 6000 unless told otherwise. A segment ends at the next
   * keyframe, or two seconds later.
   */
  segmentDuration?: number;
  /** Of video that is encoded for it. What is received is written as it is: of that alone, it is refused. */
  videoBitsPerSecond?: number;
  /** Of sound that is encoded for it; see `videoBitsPerSecond`. */
  audioBitsPerSecond?: number;
};

/** What the core is asked for. */
export type RecorderRequest = {
  mimeType: string;
  container: string;
  codecs: string[];
  file?: string;
  segmentDuration?: number;
  videoBitrate?: number;
  audioBitrate?: number;
};

const logger = new Logger('MediaRecorder');

const containers: Record<string, string> = {
  'video/webm': 'webm',
  'audio/webm': 'webm',
  'video/x-matroska': 'matroska',
  'audio/x-matroska': 'matroska',
  'video/mp4': 'mp4',
  'audio/mp4': 'mp4',
  'application/vnd.apple.mpegurl': 'hls',
  'application/x-mpegurl': 'hls',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
};

const endings: Record<string, string> = {
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.mka': 'audio/x-matroska',
  '.mp4': 'video/mp4',
  '.m4a': 'audio/mp4',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.wav': 'audio/wav',
};

// As they begin in RFC 6381's names.
const codecs: [prefix: RegExp, mimeType: string][] = [
  [/^vp0?8/i, 'video/VP8'],
  [/^vp0?9/i, 'video/VP9'],
  [/^(avc[13]|h264)/i, 'video/H264'],
  [/^(hev1|hvc1|h265|hevc)/i, 'video/H265'],
  [/^av0?1/i, 'video/AV1'],
  [/^opus/i, 'audio/opus'],
  [/^(pcmu|ulaw)/i, 'audio/PCMU'],
  [/^(pcma|alaw)/i, 'audio/PCMA'],
  [/^(pcm|1$)/i, 'audio/L16'],
];

// By the same, without the profiles, which the pictures tell themselves, and may change.
const names: Record<string, string> = {
  'video/h264': 'avc3',
  'video/h265': 'hev1',
  'video/av1': 'av01',
  'audio/pcmu': 'ulaw',
  'audio/pcma': 'alaw',
  'audio/l16': '1',
};

const held: Record<string, RegExp> = {
  webm: /VP8|VP9|AV1|opus/,
  matroska: /VP8|VP9|AV1|H26|opus|PCM/,
  mp4: /VP9|AV1|H26|opus/,
  hls: /VP9|AV1|H26|opus/,
  ogg: /opus/,
  wav: /L16/,
};

/** The container and the codecs that a MIME type names; undefined where they can't be written. */
export function parseMimeType(
  mimeType: string,
): { container: string; codecs: string[] } | undefined {
  const [type = '', ...parameters] = mimeType.split(';').map((part) => part.trim());
  const container = Object.hasOwn(containers, type.toLowerCase())
    ? containers[type.toLowerCase()]
    : undefined;
  if (container === undefined) return undefined;
  const list = parameters.find((parameter) => /^codecs\s*=/i.test(parameter)) ?? '';
  const names = list
    .replace(/^codecs\s*=\s*/i, '')
    .replaceAll('"', '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const found = names.map((name) => codecs.find(([prefix]) => prefix.test(name))?.[1]);
  const known = found.filter((name) => name !== undefined && held[container]?.test(name));
  return known.length === names.length ? { container, codecs: known as string[] } : undefined;
}

/** A container's type with what is written in it: RFC 6381. */
export function typeWithCodecs(mimeType: string, written: readonly string[]): string {
  const [container = ''] = mimeType.split(';');
  const list = new Set(
    written.map((name) => {
      const lower = name.toLowerCase();
      return names[lower] ?? lower.slice(lower.indexOf('/') + 1);
    }),
  );
  const value = [...list].join(',');
  return `${container.trim()};codecs=${list.size > 1 ? `"${value}"` : value}`;
}

/** @throws TypeError if an option is wrong, NotSupportedError if the MIME type can't be written, NotAllowedError if it may not. */
export function parseRecorderOptions(options: unknown): RecorderRequest {
  assertObject(options, 'options', 'an object');
  warnOfUnknownMembers(logger, 'options', options, [
    'mimeType',
    'file',
    'segmentDuration',
    'videoBitsPerSecond',
    'audioBitsPerSecond',
  ]);
  const { mimeType, file, segmentDuration, videoBitsPerSecond, audioBitsPerSecond } =
    options as Record<string, unknown>;
  if (file !== undefined && (typeof file !== 'string' || file === '')) {
    throw new ArgumentError(`options.file: expected a path, got ${describe(file)}`);
  }
  if (mimeType !== undefined && typeof mimeType !== 'string') {
    throw new ArgumentError(`options.mimeType: expected a string, got ${describe(mimeType)}`);
  }
  const ending = file === undefined ? '.webm' : path.extname(file).toLowerCase();
  // W3C: the empty one is any.
  const named = mimeType === '' ? undefined : mimeType;
  const name = named ?? (Object.hasOwn(endings, ending) ? endings[ending] : undefined);
  if (name === undefined) {
    throw new NotSupportedError(
      `options.file: ${describe(file)} does not end with ${Object.keys(endings).join(', ')}: name the mimeType`,
    );
  }
  const parsed = parseMimeType(name);
  if (!parsed) throw new NotSupportedError(`options.mimeType: ${describe(name)} can't be written`);
  const segments = segmentLength(parsed.container, segmentDuration);
  if (segments !== undefined && file === undefined) {
    throw new NotSupportedError(
      'options.file: expected the path of a playlist: HLS is many files, and no Blob',
    );
  }
  const place = file === undefined ? undefined : path.resolve(file);
  if (place !== undefined) assertMayWrite(place, parsed.container === 'hls');
  const video = bitrate('videoBitsPerSecond', videoBitsPerSecond);
  const audio = bitrate('audioBitsPerSecond', audioBitsPerSecond);
  return {
    mimeType: name,
    ...parsed,
    ...(place === undefined ? {} : { file: place }),
    ...(segments === undefined ? {} : { segmentDuration: segments }),
    ...(video === undefined ? {} : { videoBitrate: video }),
    ...(audio === undefined ? {} : { audioBitrate: audio }),
  };
}

function bitrate(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const isRate = (given: number) => given >= 1 && given < 2 ** 31;
  return Math.floor(numberThat(isRate, value, `options.${name}`, 'bits a second'));
}

function segmentLength(container: string, value: unknown): number | undefined {
  if (value === undefined) return container === 'hls' ? 6000 : undefined;
  if (container !== 'hls') {
    throw new ArgumentError('options.segmentDuration: only HLS has segments');
  }
  const isLength = (given: number) => given >= 500 && given <= 60_000;
  const expected = '500 to 60000 milliseconds';
  return Math.round(numberThat(isLength, value, 'options.segmentDuration', expected));
}
