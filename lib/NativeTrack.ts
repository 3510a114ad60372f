import type { Bridge } from './bridge.js';
import { InvalidStateError, errorFromWire } from './errors.js';
import { Logger } from './Logger.js';
import { ErrorCode, Event, Method } from './wire.js';
import type { AnyEvent, Codec } from './wire.js';

const logger = new Logger('Track');

/** Of a track that cannot be sent any more; the reason is of one that ended by itself. */
export function hasEnded(reason: unknown): InvalidStateError {
  if (!(reason instanceof Error)) return new InvalidStateError('track: the track has ended');
  return new InvalidStateError(`track: the track has ended: ${reason.message}`, { cause: reason });
}

/** A track of the core: a source's, or a received one. */
export class NativeTrack {
  readonly #bridge: Bridge;
  readonly #handle: number;
  readonly #onEnded: ((reason: Error | undefined) => void)[] = [];
  readonly #holds = new Set<Promise<unknown>>();
  #ended = false;
  #reason: Error | undefined;

  /**
   * @param id - The core's, of a source's track: `dump()` has it.
   * @param onEvent - Hears what else the track tells.
   */
  constructor(
    bridge: Bridge,
    handle: number,
    readonly id?: string,
    onEvent?: (...event: AnyEvent) => void,
  ) {
    this.#bridge = bridge;
    this.#handle = handle;
    bridge.listen(handle, {
      event: (...record) => {
        const [event, body] = record;
        if (event === Event.TrackEnded) {
          this.#end(body.error ? errorFromWire(body.error) : undefined);
        } else onEvent?.(...record);
      },
      closed: () => {
        this.#end(undefined);
      },
    });
  }

  get handle(): number {
    return this.#handle;
  }

  get bridge(): Bridge {
    return this.#bridge;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Why the track has ended by itself; undefined if that was its normal end. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Calls `listener` once when the track has ended: by itself, by `stop()`, or with its Worker. */
  onEnded(listener: (reason: Error | undefined) => void): void {
    if (this.#ended) listener(this.#reason);
    else this.#onEnded.push(listener);
  }

  /** W3C's MediaStreamTrack.enabled. */
  setEnabled(enabled: boolean): void {
    if (this.#ended) return;
    this.#bridge
      .request(this.#handle, Method.TrackSetEnabled, { enabled })
      .catch((error: unknown) => {
        if (!this.#ended) logger.warn('enabled was not set: %s', (error as Error).message);
      });
  }

  /**
   * Why the track cannot be sent in each of `codecs`, in one encoding or in several: empty text
   * where it can.
   */
  async checkCodecs(codecs: Codec[], simulcast: boolean): Promise<string[]> {
    const { reasons } = await this.untilEnded(
      this.#bridge.request(this.#handle, Method.TrackCheckCodecs, { codecs, simulcast }),
    );
    return reasons;
  }

  /** Opens another track of the same source, as the app's of that id. */
  async clone(trackId: string): Promise<NativeTrack> {
    const { handle, id } = await this.untilEnded(
      this.#bridge.request(this.#handle, Method.TrackClone, { trackId }),
    );
    return new NativeTrack(this.#bridge, handle, id);
  }

  /** Waits for a request with this track, which fails with why the track ended if it did before. */
  async untilEnded<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      if ((error as { code?: string }).code !== ErrorCode.StaleHandle) throw error;
      await this.toldOfEnd();
      throw this.#ended ? (this.#reason ?? hasEnded(undefined)) : error;
    }
  }

  /** Where the core has ended the track, waits until that is told: a request is refused at once. */
  async toldOfEnd(): Promise<void> {
    if (this.#ended || !this.#bridge.isStale(this.#handle)) return;
    this.#bridge.ref();
    await new Promise((resolve) => {
      this.onEnded(resolve);
    });
    this.#bridge.unref();
  }

  /** Keeps what the track reads open until `opening` has settled, even if it is stopped before. */
  hold(opening: Promise<unknown>): void {
    this.#holds.add(opening);
    const release = (): void => {
      this.#holds.delete(opening);
    };
    opening.then(release, release);
  }

  /** Ends the track. */
  stop(): void {
    if (this.#ended) return;
    this.#end(undefined);
    if (this.#holds.size === 0) this.#stop();
    else
      void Promise.allSettled(this.#holds).then(() => {
        this.#stop();
      });
  }

  #stop(): void {
    this.#bridge.request(this.#handle, Method.TrackStop, {}).catch((error: unknown) => {
      logger.debug('a track had ended before it was stopped: %s', (error as Error).message);
    });
  }

  #end(reason: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    if (reason) logger.warn('a track ended: %s', reason.message);
    for (const listener of this.#onEnded.splice(0)) listener(reason);
  }
}
