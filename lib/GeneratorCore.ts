import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { awake } from './awake.js';
import type { Bridge } from './bridge.js';
import { hiddenWorkers } from './hiddenWorkers.js';
import { hasEnded, NativeTrack } from './NativeTrack.js';
import type { Head } from './frames/head.js';
import type { NativeFrame } from './frames/NativeFrame.js';
import { GeneratorTrack } from './GeneratorTrack.js';
import { Event, Method, Query } from './wire.js';

type Kind = 'audio' | 'video';
type Waiter = { resolve: () => void; reject: (error: Error) => void };
type Writing = Waiter & { native: NativeFrame; head: Partial<Head> };
type Settings = { hardware?: boolean };
type Opened = { bridge: Bridge; handle: number };

/** What both generators are: a track, its clones, and the frames that are on their way to it. */
export class GeneratorCore {
  readonly track: GeneratorTrack;
  readonly #live = new Set<FakeMediaStreamTrack>();
  readonly #kind: Kind;
  readonly #settings: Settings;
  /** Frames that wait for room, in their order. */
  readonly #writing: Writing[] = [];
  /** Settles with the last of them. */
  #written = Promise.resolve();
  /** Those that wait for a GeneratorSent each. */
  #draining: Waiter[] = [];
  #opened: Opened | undefined;
  #ended: Error | undefined;
  #muted = false;

  constructor(kind: Kind, settings: Settings = {}) {
    this.#kind = kind;
    this.#settings = settings;
    const all = {
      live: this.#live,
      onEmpty: () => {
        this.#end(hasEnded(undefined));
      },
    };
    this.track = GeneratorTrack.first(kind, all, (id) => this.#open(id));
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    if (this.#muted === muted) return;
    this.#muted = muted;
    if (muted) this.clear();
    queueMicrotask(() => {
      if (this.#muted !== muted) return;
      for (const track of this.#live) {
        if (muted) track.remoteMute();
        else track.remoteUnmute();
      }
    });
  }

  /** How much was written and not sent yet, in seconds. What waits for room is not among it. */
  get queuedDuration(): number {
    if (!this.#opened || this.#ended) return 0;
    try {
      return this.#opened.bridge.query(this.#opened.handle, Query.QueuedDuration) / 1e6;
    } catch {
      // It ended a moment ago.
      return 0;
    }
  }

  /** Takes over one use of `native`, and resolves once there was room for it. */
  async write(native: NativeFrame, head: Partial<Head>): Promise<void> {
    try {
      if (this.#ended) throw this.#ended;
      if (this.#muted) return;
      if (this.#writing.length === 0 && this.#tryWrite(native, head)) return;
      this.#written = new Promise<void>((resolve, reject) => {
        this.#writing.push({ native, head, resolve, reject });
      });
      await awake(this.#written);
    } finally {
      native.release();
    }
  }

  /** Drops all that was written and not sent yet, also what waits for room. */
  clear(): void {
    for (const { resolve } of this.#writing.splice(0)) resolve();
    if (!this.#opened || this.#ended) return;
    const { bridge, handle } = this.#opened;
    bridge.request(handle, Method.GeneratorClear, {}).catch(() => undefined);
  }

  /** Resolves when all that was written before has been sent, or dropped. */
  async drained(): Promise<void> {
    // What waits for room comes first, and may be refused.
    if (this.#writing.length > 0) await this.#written.catch(() => undefined);
    if (this.#ended) throw this.#ended;
    // Nothing can have been written yet.
    if (!this.#opened) return;
    await awake(this.#sent(this.#opened));
  }

  /** Ends the track and its clones, with their events. */
  end(): void {
    this.#end(hasEnded(undefined));
    // Their own `stopped` event, which fires before `ended`, ends the native tracks.
    for (const track of this.#live) track.remoteStop();
  }

  async #open(trackId: string): Promise<NativeTrack> {
    const lease = hiddenWorkers.acquire();
    try {
      const { bridge } = lease.core;
      const options = { kind: this.#kind, trackId, ...this.#settings };
      const { handle, playerId, track } = await lease.core.request(
        Method.WorkerOpenGenerator,
        options,
      );
      const opened = { bridge, handle };
      this.#opened = opened;
      bridge.listen(handle, {
        event: (...[event]) => {
          if (event === Event.GeneratorDrain) this.#writeOn();
          else if (event === Event.GeneratorSent) this.#draining.shift()?.resolve();
        },
        closed: () => {
          lease.release();
          this.#end(hasEnded(undefined));
        },
      });
      // A clone's is the app's object, which may be frozen.
      for (const { data } of this.#live) Reflect.set(data, 'playerId', playerId);
      const native = new NativeTrack(bridge, track.handle, track.id);
      this.#writeOn();
      return native;
    } catch (error) {
      lease.release();
      this.#end(error as Error);
      throw error;
    }
  }

  #tryWrite(native: NativeFrame, head: Partial<Head>): boolean {
    if (!this.#opened) return false;
    return this.#opened.bridge.writeFrame(this.#opened.handle, native, head);
  }

  /** Writes what waits while there is room. */
  #writeOn(): void {
    for (let next = this.#writing[0]; next; next = this.#writing[0]) {
      try {
        if (!this.#tryWrite(next.native, next.head)) return;
        next.resolve();
      } catch (error) {
        next.reject(error as Error);
      }
      this.#writing.shift();
    }
  }

  /** Resolves with the next GeneratorSent that no other waits for. */
  #sent({ bridge, handle }: Opened): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      this.#draining.push(waiter);
      bridge.request(handle, Method.GeneratorDrained, {}).catch((error: unknown) => {
        // None comes for what is refused.
        this.#draining = this.#draining.filter((other) => other !== waiter);
        waiter.reject(error as Error);
      });
    });
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    for (const { reject } of [...this.#writing.splice(0), ...this.#draining.splice(0)]) {
      reject(error);
    }
  }
}
