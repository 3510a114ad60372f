import type { Bridge } from './bridge.js';
import { errorFromWire } from './errors.js';
import { Logger } from './Logger.js';
import { Event, Method } from './wire.js';
import type { Codec } from './wire.js';

const logger = new Logger('Track');

/** A track of the core: a source's, or a received one. */
export class NativeTrack {
  readonly #bridge: Bridge;
  readonly #handle: number;
  readonly #onEnded: ((reason: Error | undefined) => void)[] = [];
  readonly #holds = new Set<Promise<unknown>>();
  #ended = false;

  constructor(bridge: Bridge, handle: number) {
    this.#bridge = bridge;
    this.#handle = handle;
    bridge.listen(handle, {
      event: (event, body) => {
        if (event !== Event.TrackEnded) return;
        this.#end(body.error ? errorFromWire(body.error) : undefined);
      },
      closed: () => {
        this.#end(undefined);
      },
    });
  }

  get handle(): number {
    return this.#handle;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Calls `listener` once when the track has ended: by itself, by `stop()`, or with its Worker. */
  onEnded(listener: (reason: Error | undefined) => void): void {
    if (this.#ended) listener(undefined);
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
    const { reasons } = await this.#bridge.request(this.#handle, Method.TrackCheckCodecs, {
      codecs,
      simulcast,
    });
    return reasons;
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
    if (reason) logger.warn('a track ended: %s', reason.message);
    for (const listener of this.#onEnded.splice(0)) listener(reason);
  }
}
