// What an argument may be given instead of what it is for. Each is made anew for each call.
import vm from 'node:vm';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { AiortcMediaStream, AudioData, VideoFrame, Worker } from '../../../lib/index.js';

/** What values throw that were made to: it may come through. */
export class Provoked extends Error {}

const provoke = (): never => {
  throw new Provoked('provoked');
};

/** `members` are those that the argument may have. */
type Maker = (members: readonly string[]) => unknown;

function throwing(members: readonly string[]): object {
  const given = {};
  for (const name of members)
    Object.defineProperty(given, name, { get: provoke, enumerable: true });
  return given;
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(64);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

/** A view whose memory is gone. */
function outOfBounds(): Uint8Array {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const buffer = new Resizable(64, { maxByteLength: 128 });
  const view = new Uint8Array(buffer, 32, 32);
  buffer.resize(16);
  return view;
}

function cyclic(): object {
  const given: Record<string, unknown> = {};
  given['self'] = given;
  return given;
}

function sparse(): unknown[] {
  const given: unknown[] = [];
  given[3] = 1;
  return given;
}

const elsewhere = vm.createContext({});
const fromElsewhere = (source: string): unknown => vm.runInContext(`(${source})`, elsewhere);

export function newVideoFrame(): VideoFrame {
  return new VideoFrame(new Uint8Array(16 * 16 * 4), {
    format: 'RGBA',
    codedWidth: 16,
    codedHeight: 16,
    timestamp: 0,
  });
}

export function newAudioData(): AudioData {
  return new AudioData({
    format: 's16',
    sampleRate: 48_000,
    numberOfFrames: 480,
    numberOfChannels: 1,
    timestamp: 0,
    data: new Int16Array(480),
  });
}

/** The same, after its `close()` or `stop()`. */
function ended<T extends { close(): void } | { stop(): void }>(given: T): T {
  if ('close' in given) given.close();
  else given.stop();
  return given;
}

export const values: Readonly<Record<string, Maker>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  '-1': () => -1,
  '-0': () => -0,
  '1.5': () => 1.5,
  '2**32': () => 2 ** 32,
  '2**53': () => 2 ** 53,
  '-2**63': () => -(2 ** 63),
  '1e308': () => 1e308,
  'a bigint': () => 2n ** 70n,
  'an empty string': () => '',
  'a long string': () => 'x'.repeat(70_000),
  'half of a surrogate pair': () => '\ud83d',
  'a string with a null character': () => 'a\0b',
  __proto__string: () => '__proto__',
  'the name of an inherited member': () => 'constructor',
  'a symbol': () => Symbol('symbol'),
  'a function': () => () => undefined,
  'a function that throws': () => provoke,
  'a class': () => Date,
  'an empty array': () => [],
  'a sparse array': sparse,
  'an array of arrays': () => [[[]]],
  'an array of nulls': () => [null, null],
  'an array-like of 2**53': () => ({ length: 2 ** 53 }),
  'an empty object': () => ({}),
  'an object without a prototype': () => Object.create(null) as unknown,
  'an object that holds itself': cyclic,
  'a frozen object': () => Object.freeze({}),
  'members that throw': throwing,
  'a constructor that throws': () => Object.defineProperty({}, 'constructor', { get: provoke }),
  'a constructor without a name': () => ({ constructor: { name: Symbol('name') } }),
  'an object that is no string': () => ({ toString: provoke, valueOf: provoke }),
  'an object that is no primitive': () => ({ [Symbol.toPrimitive]: () => ({}) }),
  'an iterator that throws': () => ({ [Symbol.iterator]: provoke }),
  'a proxy that throws': () =>
    new Proxy({}, { get: provoke, has: provoke, ownKeys: provoke, getPrototypeOf: provoke }),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of an array': () => revoked([]),
  'a revoked proxy of a function': () => revoked(() => undefined),
  'a thenable that never settles': () => ({ then: () => undefined }),
  'a thenable that throws': () => ({ then: provoke }),
  'a promise': () => Promise.resolve({}),
  'a Date that is none': () => new Date(NaN),
  'a Map': () => new Map([['a', 1]]),
  'a regular expression': () => /x/g,
  'an Error': () => new Error('given'),
  'a boxed string': () => Object('boxed') as unknown,
  'a detached ArrayBuffer': detached,
  'a view without its memory': outOfBounds,
  'shared memory': () => new Uint8Array(new SharedArrayBuffer(64)),
  'a DataView': () => new DataView(new ArrayBuffer(8)),
  'bytes of another realm': () => fromElsewhere('new Uint8Array(8)'),
  'an array of another realm': () => fromElsewhere('[1]'),
  'an object of another realm': () => fromElsewhere('{ constructor: undefined }'),
  'an instance of another realm': () => fromElsewhere('new (class VideoFrame {})()'),
  'a closed VideoFrame': () => ended(newVideoFrame()),
  'a closed AudioData': () => ended(newAudioData()),
  'a stream that was closed': () => ended(new AiortcMediaStream()),
  'a track that has ended': () => ended(new FakeMediaStreamTrack({ kind: 'video' })),
  'a track without a source': () => new FakeMediaStreamTrack({ kind: 'audio' }),
  'a closed Worker': () => ended(new Worker({ logLevel: 'none' })),
  'an object of no class of ours': () => Object.create(VideoFrame.prototype) as unknown,
};

/** One of each kind, for calls that take their time. */
export const few: ReadonlySet<string> = new Set([
  'undefined',
  'NaN',
  '2**53',
  'half of a surrogate pair',
  'a symbol',
  'an object that holds itself',
  'members that throw',
  'a revoked proxy',
]);
