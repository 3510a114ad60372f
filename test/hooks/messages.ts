// What only the library of tests answers: see internal/hooks.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const platform = `${process.platform}-${process.arch}`;

/** Names a folder with another build of the native code than tests load else: scripts/lib/sanitized-library.mjs. */
export const otherBuild = process.env['NATIVE_BUILD'];

/** One folder for the package of native code that has the hooks, as NODE_PATH names it. */
export const hooksFolder =
  otherBuild ?? fileURLToPath(new URL('../../build/hooks', import.meta.url));

/** Where its addon and its Go library lie. */
export const hookedFolder = path.join(hooksFolder, `mediasoup-client-pion-${platform}`);

/** The methods, by name. */
export const Hook = {
  Echo: 'Echo',
  EchoChannel: 'EchoChannel',
  EchoBurst: 'EchoBurst',
  EchoClose: 'EchoClose',
  Goroutines: 'Goroutines',
  WorkerPanic: 'WorkerPanic',
  Crash: 'Crash',
  WorkerFlood: 'WorkerFlood',
  Collect: 'Collect',
  Look: 'Look',
  Places: 'Places',
  LookAnywhere: 'LookAnywhere',
} as const;

export type HookName = keyof typeof Hook;

/** What a method is in a call. */
export const hookNumbers: Readonly<Record<HookName, number>> = {
  Echo: 65536,
  EchoChannel: 65537,
  EchoBurst: 65538,
  EchoClose: 65539,
  Goroutines: 65540,
  WorkerPanic: 65541,
  Crash: 65542,
  WorkerFlood: 65543,
  Collect: 65544,
  Look: 65545,
  Places: 65546,
  LookAnywhere: 65547,
};

/** How the core can crash. In a copy that fork() has made, it does not. */
export const CRASHES = [
  'map',
  'memory',
  'c',
  'abort',
  'abort elsewhere',
  'abort in a copy',
] as const;

export type CrashName = (typeof CRASHES)[number];

/** The bodies of each method. */
export type HookBodies = {
  Echo: [params: { text: string }, result: { text: string }];
  EchoChannel: [params: object, result: { handle: number }];
  EchoBurst: [params: { events: number; messages: number; size: number }, result: object];
  EchoClose: [params: object, result: object];
  Goroutines: [params: object, result: { byStack: Record<string, number> }];
  WorkerPanic: [params: object, result: object];
  WorkerFlood: [params: { lines: number; states: number; done: string }, result: object];
  Collect: [params: object, result: { bytes: number }];
  Crash: [params: { how: CrashName | 'nil' }, result: object];
  Look: [params: { place: string; entry: number }, result: object];
  LookAnywhere: [params: { place: string; entry: number }, result: object];
  Places: [params: { worker: number }, result: { places: Record<string, number> | null }];
};

/** The event of an echo channel, whose body is a `Tick`. */
export const ECHO_TICK = 65536;

export type Tick = { number: number };
