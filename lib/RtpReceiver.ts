import type { Bridge } from './bridge.js';
import { EncodedStreams } from './EncodedStreams.js';
import type { RTCInsertableStreams, StreamDescription } from './EncodedStreams.js';
import type { NativeTrack } from './NativeTrack.js';
import { receivedSources } from './receivedSources.js';
import type { ReceivedSources } from './receivedSources.js';
import { StatsReport } from './StatsReport.js';
import type { StatsEntry } from './StatsReport.js';
import { Method } from './wire.js';
import type { AnyEvent, LevelWatch } from './wire.js';

/** What receives one track of a Peer. */
export class RtpReceiver {
  readonly #bridge: Bridge;
  readonly #handle: number;
  readonly #track: NativeTrack;
  #listens = false;

  constructor(bridge: Bridge, handle: number, track: NativeTrack) {
    this.#bridge = bridge;
    this.#handle = handle;
    this.#track = track;
  }

  /** The received track. */
  get track(): NativeTrack {
    return this.#track;
  }

  /** Stops receiving for good. Its track ends. */
  async stop(): Promise<void> {
    await this.#bridge.request(this.#handle, Method.ReceiverStop, {});
  }

  /** Drops what is received, or goes on with it, without negotiation. */
  async setPaused(paused: boolean): Promise<void> {
    await this.#bridge.request(this.#handle, Method.ReceiverSetPaused, { paused });
  }

  /** Has its frames go through the app from now on. */
  createEncodedStreams(describe: (ssrc: number) => StreamDescription): RTCInsertableStreams {
    const opening = this.#bridge.request(this.#handle, Method.ReceiverCreateEncodedStreams, {});
    return new EncodedStreams(this.#bridge, opening, describe).streams;
  }

  /** Has it tell how loud it is, as `asked`, from now on. */
  watchLevel(asked: LevelWatch, tell: (...event: AnyEvent) => void): void {
    if (!this.#listens) this.#bridge.listen(this.#handle, { event: tell });
    this.#listens = true;
    // It may have been stopped: there is nothing to hear then.
    this.#bridge.request(this.#handle, Method.ReceiverWatchLevel, asked).catch(() => undefined);
  }

  /** Who was heard within the last ten seconds; nobody, once it was stopped. */
  get sources(): ReceivedSources {
    const nobody = { synchronization: [], contributing: [] };
    if (this.#track.ended) return nobody;
    try {
      return receivedSources(this.#bridge, this.#handle);
    } catch {
      // The core has closed it, and its event is on the way.
      return nobody;
    }
  }

  async getStats(): Promise<StatsReport> {
    const { entries } = await this.#bridge.request(this.#handle, Method.ReceiverGetStats, {});
    return new StatsReport(entries as StatsEntry[]);
  }
}
