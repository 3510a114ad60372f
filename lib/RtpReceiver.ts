import type { Bridge } from './bridge.js';
import { EncodedStreams } from './EncodedStreams.js';
import type { RTCInsertableStreams, StreamDescription } from './EncodedStreams.js';
import type { NativeTrack } from './NativeTrack.js';
import { StatsReport } from './StatsReport.js';
import type { StatsEntry } from './StatsReport.js';
import { Event, Method, Query } from './wire.js';
import type { Level } from './wire.js';

/** What receives one track of a Peer. */
export class RtpReceiver {
  readonly #bridge: Bridge;
  readonly #handle: number;
  readonly #track: NativeTrack;
  #onLevel: ((level: Level) => void) | undefined;

  constructor(bridge: Bridge, handle: number, track: NativeTrack) {
    this.#bridge = bridge;
    this.#handle = handle;
    this.#track = track;
    bridge.listen(handle, {
      event: (...[event, body]) => {
        if (event === Event.ReceiverLevel) this.#onLevel?.(body);
      },
    });
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

  /** Hears how loud it is, once an interval while sound comes; undefined ends that. */
  watchLevel(milliseconds: number, onLevel: ((level: Level) => void) | undefined): void {
    this.#onLevel = onLevel;
    const interval = onLevel ? milliseconds : 0;
    // It may have been stopped: there is nothing to hear then.
    this.#bridge
      .request(this.#handle, Method.ReceiverWatchLevel, { interval })
      .catch(() => undefined);
  }

  /** How loud the last packet was; undefined once it is stopped, or if packets don't say. */
  get lastLevel(): Level | undefined {
    if (this.#track.ended) return undefined;
    const level = this.#bridge.query(this.#handle, Query.AudioLevel);
    if (level > 255) return undefined;
    return {
      level: level & 0x7f,
      voice: level > 127,
      rtpTimestamp: this.#bridge.query(this.#handle, Query.RtpTimestamp),
      timestamp: this.#bridge.query(this.#handle, Query.PacketTime),
    };
  }

  async getStats(): Promise<StatsReport> {
    const { entries } = await this.#bridge.request(this.#handle, Method.ReceiverGetStats, {});
    return new StatsReport(entries as StatsEntry[]);
  }
}
