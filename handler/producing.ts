import { Logger } from '../lib/Logger.js';

// How long an app may take to tell its server of a producer, before what it sends plays anyway.
const PATIENCE_MS = 10_000;

const logger = new Logger('Producing');

type Listener = () => void;
type Watch = { listeners: Set<Listener>; restore: () => void };
const watches = new WeakMap<MediaStreamTrack, Watch>();

/**
 * Calls `begin` once the Producer of `track` exists, or when that takes too long. mediasoup-client tells its handlers
 * of no Producer, but the first that one does is to listen for `ended` of its track. What is returned ends the waiting.
 */
export function whenProduced(track: MediaStreamTrack, begin: () => void): () => void {
  const stopWatching = watch(track, () => {
    stop();
    begin();
  });
  if (!stopWatching) {
    begin();
    return () => undefined;
  }
  const timer = setTimeout(() => {
    logger.warn(
      'track %s is sent, but not produced for %d s: it plays',
      track.id,
      PATIENCE_MS / 1000,
    );
    stop();
    begin();
  }, PATIENCE_MS).unref();
  const stop = (): void => {
    clearTimeout(timer);
    stopWatching();
  };
  return stop;
}

/**
 * Calls `listener` when somebody begins to listen for `ended` of `track`, until what is returned is called. It is
 * undefined if the app has frozen the track.
 */
function watch(track: MediaStreamTrack, listener: Listener): (() => void) | undefined {
  const known = watches.get(track) ?? shadow(track);
  if (!known) return undefined;
  watches.set(track, known);
  const { listeners, restore } = known;
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    watches.delete(track);
    restore();
  };
}

/** Puts a method before that of the track, which sees what is listened for. */
function shadow(track: MediaStreamTrack): Watch | undefined {
  const name = 'addEventListener';
  const listeners = new Set<Listener>();
  const before = Object.getOwnPropertyDescriptor(track, name);
  const inner: unknown = Reflect.get(track, name);
  const outer = function (this: unknown, ...args: unknown[]): void {
    Reflect.apply(inner as (...args: unknown[]) => void, this, args);
    if (args[0] === 'ended') for (const listener of [...listeners]) listener();
  };
  const shadowing = { value: outer, configurable: true, writable: true };
  if (!Reflect.defineProperty(track, name, shadowing)) return undefined;
  const restore = (): void => {
    // Others may have put theirs before it since: then it stays, and does nothing.
    if (Reflect.get(track, name) !== outer) return;
    if (before) Reflect.defineProperty(track, name, before);
    else Reflect.deleteProperty(track, name);
  };
  return { listeners, restore };
}
