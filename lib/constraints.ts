import { assertShort } from './arguments.js';
import { ArgumentError, UnsupportedError, describe } from './errors.js';
import { prefersHardware } from './hardwareAcceleration.js';
import type { HardwareAcceleration } from './hardwareAcceleration.js';
import { absoluteFile, brokenUrlName } from './sourceName.js';
import type { Constraint } from './wire.js';

/**
 * What `worker.getUserMedia()` opens. At least one of `audio` and `video` must be given; `true`
 * stands for the default device.
 */
export type AiortcMediaStreamConstraints = {
  /** The source of sound. Default `false`: none. */
  audio?: AiortcMediaTrackConstraints | boolean;
  /** The source of pictures. Default `false`: none. */
  video?: AiortcMediaTrackConstraints | boolean;
};

/**
 * Names the source of a track.
 *
 * @example
 * // A file, again and again, with its second sound.
 * await worker.getUserMedia({
 *   audio: { source: 'file', file: '/media/film.mkv', loop: true, options: { audio_stream: 1 } },
 *   video: { source: 'file', file: '/media/film.mkv', loop: true },
 * });
 * @example
 * // A camera on the network, as it is coded there; it is opened again when it drops.
 * await worker.getUserMedia({
 *   video: { source: 'url', url: 'rtsp://user:password@camera.local/1', decode: false },
 * });
 * @example
 * // The default microphone, a camera, and a test pattern that needs neither.
 * await worker.getUserMedia({ audio: true, video: { source: 'device', device: '/dev/video2' } });
 * await worker.getUserMedia({
 *   video: { source: 'device', format: 'lavfi', device: 'testsrc2=size=640x360:rate=30' },
 * });
 */
export type AiortcMediaTrackConstraints = {
  /** The kind of source. */
  source: 'device' | 'file' | 'url';
  /**
   * Which device, for `source: 'device'`: an id of `mediaDevices.enumerateDevices()`, or FFmpeg's
   * name of it. Default: the system's microphone, `/dev/video0` (on macOS `none:0`, `default:none`),
   * the screen of `DISPLAY`.
   */
  device?: string;
  /**
   * A path or a `file:` URL, for `source: 'file'`: of anything that FFmpeg reads. A relative path counts
   * from the working directory. The URL of a network (`rtsp://…`, `https://…`) is taken as `source: 'url'`.
   */
  file?: string;
  /** The URL, for `source: 'url'`. */
  url?: string;
  /**
   * FFmpeg's name of the input format, where it is not to be guessed: `alsa`, `pulse`, `v4l2`,
   * `x11grab` or `lavfi` of a device, the name of a demuxer of a URL. A file takes none.
   */
  format?: string;
  /**
   * FFmpeg's options for a device or a URL: strings, numbers or booleans by their name. Default for a
   * camera: `{ framerate: '30', video_size: '640x480' }`. A file takes `audio_stream` and `video_stream`
   * alone: where it has several streams of a kind, they choose by number, from 0; without them it is the
   * one that is marked as default, or the first.
   */
  options?: object;
  /** Seconds that opening the source may take, and that it may stall. Default 10. */
  timeout?: number;
  /** Begin again at the end of the source, without a gap. Default `false`: its end ends the tracks. */
  loop?: boolean;
  /**
   * `true`: decode and encode again, whatever the source holds. `false`: send its packets as they
   * are, or fail with the reason why that can't be. Unset: choose.
   */
  decode?: boolean;
  /**
   * What is to encode the pictures, in the words of WebCodecs. `'prefer-hardware'`: the hardware, where there is some
   * that works (H264, by NVIDIA's), or else software, which a warning of the log and `doctor` give the reason for. The
   * others: software. A source whose pictures go out as they are, and sound, have no use for it.
   */
  hardwareAcceleration?: HardwareAcceleration;
};

/** A checked source, as the core takes it. `timeout` is in milliseconds. */
export type SourceRequest = {
  type: 'device' | 'file' | 'url';
  /** Empty is the default device. */
  value: string;
  format?: string;
  options?: Record<string, string>;
  loop: boolean;
  decode?: boolean;
  hardware?: true;
  timeout?: number;
  /** W3C's, which choose the device and the options that it has. */
  constraints?: Constraint[];
};

/** The checked sources of a stream. */
export type StreamRequest = { audio?: SourceRequest; video?: SourceRequest };

/** What FFmpeg's options are for a camera without any. */
const CAMERA_OPTIONS = { framerate: '30', video_size: '640x480' };

const MAX_TIMEOUT_SECONDS = 24 * 60 * 60;
/** The members of {@link AiortcMediaTrackConstraints}. */
export const TRACK_MEMBERS: ReadonlySet<string> = new Set(
  'source device file url format options timeout loop decode hardwareAcceleration'.split(' '),
);

/**
 * Checks the argument of `getUserMedia()`.
 *
 * @throws TypeError that names the member, what was expected and what was given.
 * @throws UnsupportedError for a source or an option that this version does not have.
 */
export function parseStreamConstraints(constraints: unknown): StreamRequest {
  if (constraints !== undefined && !isObject(constraints)) {
    throw wrong('constraints', 'an object', constraints);
  }
  const { audio, video, ...others } = constraints ?? {};
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new UnsupportedError(`constraints.${unknown}: there is no such constraint`);
  }
  if (!audio && !video) {
    throw new ArgumentError(
      'constraints: expected at least one of audio and video, got ' +
        `audio ${describe(audio)} and video ${describe(video)}`,
    );
  }
  return {
    ...(audio ? { audio: parseTrackConstraints('audio', audio) } : {}),
    ...(video ? { video: parseTrackConstraints('video', video) } : {}),
  };
}

function parseTrackConstraints(name: string, given: unknown): SourceRequest {
  if (given !== true && !isObject(given)) throw wrong(name, 'an object or a boolean', given);
  const constraints: Record<string, unknown> = given === true ? { source: 'device' } : given;
  for (const member of Object.keys(constraints)) {
    if (!TRACK_MEMBERS.has(member)) {
      throw new UnsupportedError(`${name}.${member}: there is no such constraint`);
    }
  }
  const { source } = constraints;
  const type = parseSourceType(`${name}.source`, source);
  return parseSource(name, kindOf(name), type, type, constraints);
}

const kindOf = (name: string): Kind => (name === 'audio' ? 'audio' : 'video');

/**
 * Checks the `data` of a track that names a source.
 *
 * @throws TypeError and UnsupportedError as {@link parseStreamConstraints} does.
 */
export function parseTrackData(kind: Kind, data: Record<string, unknown>): SourceRequest {
  const type = parseSourceType('track.data.sourceType', data['sourceType']);
  return parseSource('track.data', kind, type, 'sourceValue', data);
}

/** Whether audio and video that ask for the same are to come from one source. */
export function isShareable({ type, format }: SourceRequest): boolean {
  // A microphone and a camera are two devices, whatever they are called. A filter graph may be both.
  return type !== 'device' || format === 'lavfi';
}

type Kind = 'audio' | 'video';
type SourceType = AiortcMediaTrackConstraints['source'];

function parseSourceType(name: string, given: unknown): SourceType {
  if (given === 'device' || given === 'file' || given === 'url') return given;
  throw wrong(name, '"device", "file" or "url"', given);
}

/** `valueMember` is the member that says which file, URL or device it is. */
function parseSource(
  name: string,
  kind: Kind,
  type: SourceType,
  valueMember: string,
  given: Record<string, unknown>,
): SourceRequest {
  const value = parseValue(`${name}.${valueMember}`, type, given[valueMember]);
  assertShort(value, `${name}.${valueMember}`);
  const format = optional(`${name}.format`, given['format'], 'string');
  const options = parseOptions(`${name}.options`, given['options']);
  const timeout = parseTimeout(`${name}.timeout`, given['timeout']);
  const loop = optional(`${name}.loop`, given['loop'], 'boolean') ?? false;
  const decode = optional(`${name}.decode`, given['decode'], 'boolean');
  const acceleration = given['hardwareAcceleration'];
  const hardware = prefersHardware(`${name}.hardwareAcceleration`, acceleration);
  return {
    type,
    loop,
    ...(decode === undefined ? {} : { decode }),
    ...(hardware ? { hardware } : {}),
    ...(timeout === undefined ? {} : { timeout }),
    ...(type === 'device'
      ? parseDevice(kind, value, format, options)
      : {
          value,
          ...(format === undefined ? {} : { format }),
          ...(options === undefined ? {} : { options }),
        }),
  };
}

type DeviceRequest = Pick<SourceRequest, 'value' | 'format' | 'options'>;

/** Puts in the defaults of the package that this one replaces. */
function parseDevice(
  kind: Kind,
  given: string,
  givenFormat: string | undefined,
  givenOptions: Record<string, string> | undefined,
): DeviceRequest {
  let value = given;
  // Its documents say v4f2, and mean v4l2.
  let format = givenFormat === 'v4f2' ? 'v4l2' : givenFormat;
  if (process.platform === 'darwin') {
    format ??= 'avfoundation';
    if (value === '' && format === 'avfoundation') {
      value = kind === 'audio' ? 'none:0' : 'default:none';
    }
  }
  // Node's DISPLAY, which the app may have set, and not the one that the core was loaded with.
  if (format === 'x11grab' && value === '') value = process.env['DISPLAY'] ?? '';
  const isCamera =
    kind === 'video' && (format === undefined || /^(v4l2|avfoundation)$/.test(format));
  const options = givenOptions ?? (isCamera ? { ...CAMERA_OPTIONS } : undefined);
  return {
    value,
    ...(format === undefined ? {} : { format }),
    ...(options === undefined ? {} : { options }),
  };
}

function parseValue(name: string, type: SourceType, given: unknown): string {
  const value = optional(name, given, 'string');
  switch (type) {
    case 'device':
      if (value?.includes('\0')) throw wrong(name, 'a device without a null character', value);
      return value ?? '';
    case 'url':
      if (value === undefined || !URL.canParse(value)) {
        throw wrong(
          name,
          `an absolute URL, as in "https://host/clip.mp4" (a path is for a source 'file')`,
          brokenUrlName(given),
        );
      }
      return value;
    case 'file':
      if (value === undefined || value === '') throw wrong(name, 'a path or a file: URL', given);
      if (value.includes('\0')) {
        throw wrong(name, 'a path without a null character', brokenUrlName(value));
      }
      return absoluteFile(value);
  }
}

function parseOptions(name: string, given: unknown): Record<string, string> | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) throw wrong(name, 'an object', given);
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      switch (typeof value) {
        case 'string':
        case 'number':
        case 'boolean':
          return [key, String(value)];
        default:
          // It may be a password.
          throw new ArgumentError(
            `${name}.${key}: expected a string, a number or a boolean, got a value of type ${typeof value}`,
          );
      }
    }),
  );
}

function parseTimeout(name: string, given: unknown): number | undefined {
  const seconds = optional(name, given, 'number');
  if (seconds === undefined) return undefined;
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS)) {
    throw wrong(name, `a number of seconds above 0, up to ${MAX_TIMEOUT_SECONDS}`, seconds);
  }
  return Math.ceil(seconds * 1000);
}

type Primitives = { string: string; number: number; boolean: boolean };

function optional<K extends keyof Primitives>(
  name: string,
  given: unknown,
  type: K,
): Primitives[K] | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== type) throw wrong(name, `a ${type}`, given);
  return given as Primitives[K];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(name: string, expected: string, given: unknown): ArgumentError {
  return new ArgumentError(`${name}: expected ${expected}, got ${describe(given)}`);
}
