import { randomUUID } from 'node:crypto';
import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { EventHandlers } from './EventHandlers.js';
import { ArgumentError, describe } from './errors.js';

/**
 * A track of an {@link AiortcMediaStream}, which lives as W3C's MediaStreamTrack does:
 *
 * - `enabled = false` sends black pictures, or silence, until it is `true` again.
 * - `stop()` ends it at once, without an event. The last track's end closes the source.
 * - At the end of its source it fires `ended`. So it does when the source fails; then `data.error`
 *   tells why, and the log does.
 * - `clone()` makes a track of the same source that is enabled and stopped on its own.
 *
 * `data.playerId` is the id of its source in `dump()`.
 *
 * @see https://w3c.github.io/mediacapture-main/#mediastreamtrack
 *
 * @example
 * const [track] = stream.getVideoTracks();
 * track.addEventListener('ended', () => {
 *   console.log(track.data.error ? `failed: ${track.data.error.message}` : 'the file is over');
 * });
 * track.enabled = false; // black
 */
export type AiortcMediaStreamTrack = FakeMediaStreamTrack<AiortcMediaStreamTrackData>;

/** What a track of this package keeps in its `data`. */
export type AiortcMediaStreamTrackData = {
  /** The id of its source in `dump()`; missing for a received track. */
  playerId?: string;
  /** Whether it was received. */
  remote: boolean;
  /** Why it ended, where that was a failure. */
  error?: Error;
};

/** The events of an {@link AiortcMediaStream}: W3C's, and `close`. */
export interface AiortcMediaStreamEventMap extends MediaStreamEventMap {
  /** `close()` was called. */
  close: Event;
}

type StreamHandler<E> = ((this: MediaStream, event: E) => unknown) | null;

/**
 * W3C's MediaStream, with `close()` and a `close` event.
 *
 * @see https://w3c.github.io/mediacapture-main/#mediastream
 */
export class AiortcMediaStream extends EventTarget implements MediaStream {
  readonly #id = randomUUID();
  readonly #tracks = new Map<string, AiortcMediaStreamTrack>();
  readonly #handlers = new EventHandlers(this);
  #closed = false;

  /**
   * @param tracks - The tracks of the stream, in their order.
   * @throws TypeError if one is not a FakeMediaStreamTrack.
   */
  constructor(tracks: AiortcMediaStreamTrack[] = []) {
    super();
    for (const [index, track] of tracksOf(tracks).entries()) {
      assertTrack(track, `tracks[${index}]`);
      this.addTrack(track);
    }
  }

  /** A UUID. */
  get id(): string {
    return this.#id;
  }

  /** Whether a track is live. */
  get active(): boolean {
    return this.getTracks().some((track) => track.readyState === 'live');
  }

  /** Never fires: only the app adds tracks. */
  get onaddtrack(): StreamHandler<MediaStreamTrackEvent> {
    return this.#handlers.get('addtrack');
  }

  set onaddtrack(handler: StreamHandler<MediaStreamTrackEvent>) {
    this.#handlers.set('addtrack', handler);
  }

  /** Never fires: only the app removes tracks. */
  get onremovetrack(): StreamHandler<MediaStreamTrackEvent> {
    return this.#handlers.get('removetrack');
  }

  set onremovetrack(handler: StreamHandler<MediaStreamTrackEvent>) {
    this.#handlers.set('removetrack', handler);
  }

  /** Fires once, when `close()` is called. */
  get onclose(): StreamHandler<Event> {
    return this.#handlers.get('close');
  }

  /** `null` takes the handler away. */
  set onclose(handler: StreamHandler<Event>) {
    this.#handlers.set('close', handler);
  }

  override addEventListener<K extends keyof AiortcMediaStreamEventMap>(
    type: K,
    listener: (this: AiortcMediaStream, event: AiortcMediaStreamEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener as EventListener, options);
  }

  override removeEventListener<K extends keyof AiortcMediaStreamEventMap>(
    type: K,
    listener: (this: AiortcMediaStream, event: AiortcMediaStreamEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener, options);
  }

  /** Stops every track and fires `close`. A source whose last track this stops is closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.dispatchEvent(new Event('close'));
    for (const track of this.#tracks.values()) track.stop();
  }

  /** The audio tracks, in their order. */
  getAudioTracks(): AiortcMediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === 'audio');
  }

  /** The video tracks, in their order. */
  getVideoTracks(): AiortcMediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === 'video');
  }

  /** All tracks, in their order. */
  getTracks(): AiortcMediaStreamTrack[] {
    return [...this.#tracks.values()];
  }

  /** The track of this id, or null. */
  getTrackById(trackId: string): AiortcMediaStreamTrack | null {
    return this.#tracks.get(trackId) ?? null;
  }

  /**
   * Adds a track, unless the stream has it already.
   *
   * @throws TypeError if it is not a FakeMediaStreamTrack.
   */
  addTrack(track: AiortcMediaStreamTrack): void {
    assertTrack(track);
    if (!this.#tracks.has(track.id)) this.#tracks.set(track.id, track);
  }

  /**
   * Removes a track, if the stream has it. It is not stopped.
   *
   * @throws TypeError if it is not a FakeMediaStreamTrack.
   */
  removeTrack(track: AiortcMediaStreamTrack): void {
    assertTrack(track);
    this.#tracks.delete(track.id);
  }

  /** A new stream of clones of the tracks: stopping one does not stop the other. */
  clone(): AiortcMediaStream {
    return new AiortcMediaStream(this.getTracks().map((track) => track.clone()));
  }
}

function tracksOf(tracks: Iterable<AiortcMediaStreamTrack>): AiortcMediaStreamTrack[] {
  const iterator = (tracks as Partial<Iterable<unknown>> | null)?.[Symbol.iterator];
  if (typeof tracks !== 'object' || typeof iterator !== 'function' || ArrayBuffer.isView(tracks)) {
    throw new ArgumentError(`tracks: expected an array of tracks, got ${describe(tracks)}`);
  }
  return [...tracks];
}

function assertTrack(track: unknown, name = 'track'): void {
  if (
    typeof track !== 'object' ||
    track === null ||
    typeof (track as { id?: unknown }).id !== 'string' ||
    typeof (track as { stop?: unknown }).stop !== 'function'
  ) {
    throw new ArgumentError(`${name}: expected a FakeMediaStreamTrack, got ${describe(track)}`);
  }
}
