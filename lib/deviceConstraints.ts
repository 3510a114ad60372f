import { Logger } from './Logger.js';
import { assertShort } from './arguments.js';
import { TRACK_MEMBERS, parseStreamConstraints } from './constraints.js';
import type { AiortcMediaTrackConstraints, StreamRequest } from './constraints.js';
import { ArgumentError, OverconstrainedError, UnsupportedError, describe } from './errors.js';
import { warnOfUnknownMembers } from './unknownMembers.js';
import type { Constraint } from './wire.js';

/** W3C's ConstrainULong, ConstrainDouble, ConstrainBoolean and ConstrainDOMString. A bare value is ideal. */
export type ConstrainValue<T> = T | ConstrainRange<T>;

/** What a value is to be, as W3C's ConstrainULongRange and its kin. */
export type ConstrainRange<T> = {
  /** The value, and no other. */
  exact?: T;
  /** The value, or what comes nearest to it. */
  ideal?: T;
  /** The least, of numbers. */
  min?: T;
  /** The most, of numbers. */
  max?: T;
};

/**
 * W3C's MediaTrackConstraints. What is required (`exact`, `min`, `max`) is met, or refused by an
 * OverconstrainedError; of the rest the device and the mode are chosen that come nearest.
 */
export type DeviceTrackConstraints = {
  /** A `deviceId` of `enumerateDevices()`, or several of which any will do. */
  deviceId?: ConstrainValue<string | string[]>;
  /** A `groupId` of `enumerateDevices()`, or several. */
  groupId?: ConstrainValue<string | string[]>;
  /** Pixels of a camera. */
  width?: ConstrainValue<number>;
  /** Pixels of a camera. */
  height?: ConstrainValue<number>;
  /** Width by height. */
  aspectRatio?: ConstrainValue<number>;
  /** Pictures a second. */
  frameRate?: ConstrainValue<number>;
  /** No camera here tells where it looks: nothing that is required can be met. */
  facingMode?: ConstrainValue<string | string[]>;
  /** Pictures are as the camera gives them: `'none'`. */
  resizeMode?: ConstrainValue<string | string[]>;
  /** Hz that the microphone is opened with, 8000 to 384000. What is sent has the codec's own rate. */
  sampleRate?: ConstrainValue<number>;
  /** Channels that the microphone is opened with, 1 to 8. What is sent has the codec's own. */
  channelCount?: ConstrainValue<number>;
  /** Bits of a sample: 16. */
  sampleSize?: ConstrainValue<number>;
  /** Seconds that sound waits until it is handed out: 0.02. */
  latency?: ConstrainValue<number>;
  /** There is no processing of sound: `false`. */
  echoCancellation?: ConstrainValue<boolean | string>;
  /** `false`, as echoCancellation. */
  noiseSuppression?: ConstrainValue<boolean>;
  /** `false`, as echoCancellation. */
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
        /** The X11 screen, and where the picture begins: `:99.0+0,0`. Default: DISPLAY; on Windows, `desktop`. */
        display?: string;
      })
    | boolean;
  /** Sound of a screen can't be recorded: only `false` is taken. */
  audio?: boolean;
};

type Kind = 'audio' | 'video';
type Members = Record<string, unknown>;

type Type = 'number' | 'string' | 'boolean';

/** A member: its type, and what it is here where that can't be chosen. */
type Member = { type: Type; is?: unknown };

const ANY: Record<string, Member> = { deviceId: { type: 'string' }, groupId: { type: 'string' } };
const MEMBERS: Record<Kind, Record<string, Member>> = {
  audio: {
    ...ANY,
    sampleRate: { type: 'number' },
    channelCount: { type: 'number' },
    sampleSize: { type: 'number', is: 16 },
    latency: { type: 'number', is: 0.02 },
    echoCancellation: { type: 'boolean', is: false },
    noiseSuppression: { type: 'boolean', is: false },
    autoGainControl: { type: 'boolean', is: false },
  },
  video: {
    ...ANY,
    width: { type: 'number' },
    height: { type: 'number' },
    aspectRatio: { type: 'number' },
    frameRate: { type: 'number' },
    // Null is equal to nothing that is asked for.
    facingMode: { type: 'string', is: null },
    resizeMode: { type: 'string', is: 'none' },
  },
};

const logger = new Logger('MediaDevices');

/**
 * The sources that the constraints of `getUserMedia()` name: W3C's, or those of a Worker.
 *
 * @throws TypeError, UnsupportedError or OverconstrainedError that names the constraint.
 */
export function parseUserMedia(constraints: unknown): StreamRequest {
  if (!isObject(constraints)) return parseStreamConstraints(constraints);
  const replaced: Members = { ...constraints };
  const asked: Partial<Record<Kind, Constraint[]>> = {};
  for (const kind of ['audio', 'video'] as const) {
    const given = constraints[kind];
    if (!isObject(given) || Object.keys(given).some((key) => TRACK_MEMBERS.has(key))) continue;
    asked[kind] = parseDevice(kind, given);
    replaced[kind] = true;
  }
  const requests = parseStreamConstraints(replaced);
  for (const kind of ['audio', 'video'] as const) {
    const [request, found] = [requests[kind], asked[kind]];
    if (request && found && found.length > 0) request.constraints = found;
  }
  return requests;
}

function parseDevice(kind: Kind, given: Members): Constraint[] {
  const members = MEMBERS[kind];
  warnOfUnknownMembers(logger, kind, given, Object.keys(members));
  const constraints: Constraint[] = [];
  for (const [name, member] of Object.entries(members)) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    const constraint = parseConstraint(kind, name, member.type, value);
    if (member.is !== undefined) refuseUnmet(kind, name, member.is, constraint.required);
    else if (Object.keys(constraint.wire).length > 1) constraints.push(constraint.wire);
  }
  return constraints;
}

/**
 * The source that the constraints of `getDisplayMedia()` name.
 *
 * @throws as {@link parseUserMedia}.
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
  if (display !== undefined) assertShort(display, 'video.display');
  const size = sizeOf(width, height);
  return {
    video: {
      source: 'device',
      format: process.platform === 'win32' ? 'gdigrab' : 'x11grab',
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

type Parsed = { wire: Constraint; required: { exact?: unknown[]; min?: number; max?: number } };

/** Reads one member; what W3C makes of its type is left to the core. */
function parseConstraint(kind: Kind, name: string, type: Type, given: unknown): Parsed {
  const path = `${kind}.${name}`;
  const bounds = type === 'number' ? ['exact', 'ideal', 'min', 'max'] : ['exact', 'ideal'];
  const range: Members = isObject(given) ? given : { ideal: given };
  warnOfUnknownMembers(logger, path, range, bounds);
  const { wire, required }: Parsed = { wire: { name }, required: {} };
  for (const bound of bounds as ('exact' | 'ideal' | 'min' | 'max')[]) {
    const value = range[bound];
    if (value === undefined || value === null) continue;
    const values: unknown[] = type === 'string' && Array.isArray(value) ? value : [value];
    // W3C's newest echoCancellation may be a string: one that is not there.
    const isType = (one: unknown): boolean =>
      type === 'number'
        ? Number.isFinite(one)
        : typeof one === type || (name === 'echoCancellation' && typeof one === 'string');
    const wrongOne = values.find((one) => !isType(one));
    if (wrongOne !== undefined || values.includes(undefined)) {
      throw wrong(path, `a ${type === 'number' ? 'finite number' : type}`, wrongOne);
    }
    if (bound === 'exact') required.exact = values;
    else if (bound !== 'ideal') required[bound] = value as number;
    if (type === 'number') wire[bound] = value as number;
    else if (bound === 'exact') wire.exactIds = values as string[];
    else if (bound === 'ideal') wire.idealIds = values as string[];
  }
  const { exact, min = -Infinity, max = Infinity } = required;
  const isWithin = (one: unknown): boolean => typeof one !== 'number' || (one >= min && one <= max);
  if (min > max || (exact && !exact.some(isWithin))) {
    throw new OverconstrainedError(name, `${path}: nothing can meet what is required`);
  }
  return { wire, required };
}

/** @throws OverconstrainedError if what can't be chosen is required to be something else. */
function refuseUnmet(
  kind: Kind,
  name: string,
  is: unknown,
  { exact, min, max }: Parsed['required'],
): void {
  const isOutside = typeof is === 'number' && (is < (min ?? is) || is > (max ?? is));
  if (isOutside || (exact && !exact.includes(is))) {
    const what = is === null ? 'no camera here tells its own' : `it is always ${describe(is)} here`;
    throw new OverconstrainedError(
      name,
      `${kind}.${name}: ${what}; ask for it as ideal, or leave it out`,
    );
  }
}

/** The number for a screen that comes nearest to what is asked for. */
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
