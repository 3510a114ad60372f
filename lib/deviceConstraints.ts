import type { AiortcMediaTrackConstraints } from './constraints.js';
import { ArgumentError, OverconstrainedError, UnsupportedError, describe } from './errors.js';

/** W3C's ConstrainULong, ConstrainDouble and ConstrainDOMString, without lists. */
export type ConstrainValue<T> = T | ConstrainRange<T>;

/** What a value is to be, as W3C's ConstrainULongRange and its kin. One value is made of it. */
export type ConstrainRange<T> = {
  /** The value. */
  exact?: T;
  /** The value, kept within `min` and `max`. */
  ideal?: T;
  /** The least. */
  min?: T;
  /** The most. */
  max?: T;
};

/** W3C's MediaTrackConstraints, as far as devices here can meet them. */
export type DeviceTrackConstraints = {
  /** A `deviceId` of `enumerateDevices()`, whether `exact` or `ideal`: never another device. */
  deviceId?: ConstrainValue<string>;
  /** Pixels. The camera's nearest size is taken. */
  width?: ConstrainValue<number>;
  /** Pixels, as `width`. */
  height?: ConstrainValue<number>;
  /** Pictures a second. */
  frameRate?: ConstrainValue<number>;
  /** Hz that the microphone is opened with. What is sent has the codec's own rate. */
  sampleRate?: ConstrainValue<number>;
  /** Channels that the microphone is opened with. What is sent has the codec's own. */
  channelCount?: ConstrainValue<number>;
  /** There is no processing of sound: only `false` is taken. */
  echoCancellation?: ConstrainValue<boolean>;
  /** Only `false` is taken. */
  noiseSuppression?: ConstrainValue<boolean>;
  /** Only `false` is taken. */
  autoGainControl?: ConstrainValue<boolean>;
};

/** What `mediaDevices.getUserMedia()` takes: W3C's constraints, or those of a Worker. */
export type UserMediaConstraints = {
  /** The microphone, or another source of sound; `true` is the default one. Default `false`. */
  audio?: DeviceTrackConstraints | AiortcMediaTrackConstraints | boolean;
  /** The camera, or another source of pictures; `true` is the default one. Default `false`. */
  video?: DeviceTrackConstraints | AiortcMediaTrackConstraints | boolean;
};

/** What `mediaDevices.getDisplayMedia()` takes. */
export type DisplayMediaConstraints = {
  /** What of which screen. Default `true`: all of that of `DISPLAY`. */
  video?:
    | (Pick<DeviceTrackConstraints, 'width' | 'height' | 'frameRate'> & {
        /** The X11 screen, and where the picture begins: `:99.0+0,0`. Default: DISPLAY. */
        display?: string;
      })
    | boolean;
  /** Sound of a screen can't be recorded: only `false` is taken. */
  audio?: boolean;
};

type Kind = 'audio' | 'video';
type Members = Record<string, unknown>;

const MEMBERS: Record<Kind, string[]> = {
  audio: ['sampleRate', 'channelCount'],
  video: ['width', 'height', 'frameRate'],
};
const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'];

/**
 * Turns the constraints of `getUserMedia()` into those of a Worker, which are left as they are.
 *
 * @throws TypeError, UnsupportedError or OverconstrainedError that names the constraint.
 */
export function fromUserMedia(constraints: unknown): unknown {
  if (!isObject(constraints)) return constraints;
  const converted: Members = { ...constraints };
  for (const kind of ['audio', 'video'] as const) {
    const given = constraints[kind];
    if (isObject(given) && given['source'] === undefined) converted[kind] = device(kind, given);
  }
  return converted;
}

/**
 * The source that the constraints of `getDisplayMedia()` name.
 *
 * @throws as {@link fromUserMedia}.
 */
export function fromDisplayMedia(constraints: unknown): unknown {
  if (constraints !== undefined && !isObject(constraints)) {
    throw wrong('constraints', 'an object', constraints);
  }
  const { video = true, audio = false, ...others } = constraints ?? {};
  refuseOthers('constraints', others);
  if (audio !== false) {
    throw new UnsupportedError('audio: the sound of a screen cannot be recorded; leave it out');
  }
  if (video !== true && !isObject(video)) throw wrong('video', 'an object or true', video);
  const { display, width, height, frameRate, ...rest } = video === true ? ({} as Members) : video;
  refuseOthers('video', rest);
  if (display !== undefined && typeof display !== 'string') {
    throw wrong('video.display', 'a string, as in ":99.0+0,0"', display);
  }
  const size = sizeOf(width, height);
  return {
    video: {
      source: 'device',
      format: 'x11grab',
      ...(display === undefined ? {} : { device: display }),
      options: {
        framerate: String(numberOf('video.frameRate', frameRate) ?? 30),
        ...(size === undefined ? {} : { video_size: size }),
      },
    },
  };
}

function sizeOf(width: unknown, height: unknown): string | undefined {
  const w = numberOf('video.width', width);
  const h = numberOf('video.height', height);
  if (w === undefined && h === undefined) return undefined;
  if (w === undefined || h === undefined) {
    throw new ArgumentError('video: expected width and height together for a screen, got only one');
  }
  return `${Math.round(w)}x${Math.round(h)}`;
}

function device(kind: Kind, given: Members): Members {
  const { deviceId, ...rest } = given;
  const values: Members = {};
  for (const [member, value] of Object.entries(rest)) {
    const name = `${kind}.${member}`;
    if (kind === 'audio' && PROCESSING.includes(member)) refuseProcessing(name, value);
    else if (MEMBERS[kind].includes(member)) values[member] = numberOf(name, value);
    else refuseOthers(kind, { [member]: value });
  }
  const id = stringOf(`${kind}.deviceId`, deviceId);
  return {
    source: 'device',
    ...(id === undefined ? {} : { device: id }),
    options: kind === 'audio' ? microphoneOptions(values) : cameraOptions(values),
  };
}

function microphoneOptions({ sampleRate, channelCount }: Members): Members {
  return {
    ...(sampleRate === undefined ? {} : { sample_rate: sampleRate }),
    ...(channelCount === undefined ? {} : { channels: channelCount }),
  };
}

function cameraOptions({ width, height, frameRate }: Members): Members {
  const w = (width ?? (height === undefined ? 640 : ((height as number) * 4) / 3)) as number;
  const h = (height ?? (w * 3) / 4) as number;
  return {
    framerate: String((frameRate as number | undefined) ?? 30),
    video_size: `${Math.round(w)}x${Math.round(h)}`,
  };
}

/** The number that comes nearest to what is asked for. */
function numberOf(name: string, given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const { exact, ideal, min, max } = range(name, given);
  for (const value of [exact, ideal, min, max]) {
    if (value !== undefined && !(typeof value === 'number' && value > 0 && value <= 1e6)) {
      throw wrong(name, 'a number above 0', value);
    }
  }
  const [low, high] = [(min as number | undefined) ?? 0, (max as number | undefined) ?? Infinity];
  const wanted = (exact ?? ideal) as number | undefined;
  if (
    low > high ||
    (exact !== undefined && ((exact as number) < low || (exact as number) > high))
  ) {
    throw new OverconstrainedError(
      name.replace(/^.*\./, ''),
      `${name}: nothing can meet this range`,
    );
  }
  if (wanted === undefined) return (max ?? min) as number | undefined;
  return Math.min(Math.max(wanted, low), high);
}

function stringOf(name: string, given: unknown): string | undefined {
  if (given === undefined || given === null || typeof given === 'string') return given ?? undefined;
  const { exact, ideal } = range(name, given);
  const value = exact ?? ideal;
  if (value !== undefined && typeof value !== 'string') {
    throw wrong(name, 'one device id', value);
  }
  return value;
}

function refuseProcessing(name: string, given: unknown): void {
  const { exact, ideal } = range(name, given);
  const value = exact ?? ideal;
  if (value !== undefined && typeof value !== 'boolean') throw wrong(name, 'a boolean', value);
  if (value === true) {
    throw new UnsupportedError(`${name}: there is no processing of sound; leave it out, or false`);
  }
}

function range(name: string, given: unknown): Members {
  if (!isObject(given)) {
    if (Array.isArray(given)) throw wrong(name, 'one value', given);
    return { ideal: given };
  }
  const { exact, ideal, min, max, ...others } = given;
  refuseOthers(name, others);
  return { exact, ideal, min, max };
}

function refuseOthers(name: string, others: Members): void {
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new UnsupportedError(`${name}.${unknown}: there is no such constraint`);
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(name: string, expected: string, given: unknown): ArgumentError {
  return new ArgumentError(`${name}: expected ${expected}, got ${describe(given)}`);
}
