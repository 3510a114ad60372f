import type { Bridge } from './bridge.js';
import type { NativeTrack } from './NativeTrack.js';
import { StatsReport } from './StatsReport.js';
import type { StatsEntry } from './StatsReport.js';
import { Method } from './wire.js';

/** What receives one track of a Peer. */
export class RtpReceiver {
  readonly #bridge: Bridge;
  readonly #handle: number;
  readonly #track: NativeTrack;

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

  async getStats(): Promise<StatsReport> {
    const { entries } = await this.#bridge.request(this.#handle, Method.ReceiverGetStats, {});
    return new StatsReport(entries as StatsEntry[]);
  }
}
