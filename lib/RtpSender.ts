import type { Bridge } from './bridge.js';
import { EncodedStreams } from './EncodedStreams.js';
import type { RTCInsertableStreams, StreamDescription } from './EncodedStreams.js';
import type { NativeTrack } from './NativeTrack.js';
import { StatsReport } from './StatsReport.js';
import type { StatsEntry } from './StatsReport.js';
import { Method } from './wire.js';
import type { Encoding, RTPParameters, RTPStream } from './wire.js';

/** What sends one track of a Peer. */
export class RtpSender {
  readonly #bridge: Bridge;
  readonly #handle: number;
  /** The streams of its encodings. */
  readonly streams: readonly RTPStream[];

  constructor(bridge: Bridge, handle: number, streams: readonly RTPStream[]) {
    this.#bridge = bridge;
    this.#handle = handle;
    this.streams = streams;
  }

  /**
   * Begins to send, as soon as the connection is up. Resolves to whether its track waits for `begin()`:
   * where it was made so, and the track has a beginning.
   */
  async send(parameters: RTPParameters): Promise<boolean> {
    const { held } = await this.#bridge.request(this.#handle, Method.SenderSend, parameters);
    return held;
  }

  /** Lets a track play that waits. */
  async begin(): Promise<void> {
    await this.#bridge.request(this.#handle, Method.SenderBegin, {});
  }

  /** Stops sending for good. */
  async stop(): Promise<void> {
    await this.#bridge.request(this.#handle, Method.SenderStop, {});
  }

  /** Stops RTP, or goes on with it, without negotiation. */
  async setPaused(paused: boolean): Promise<void> {
    await this.#bridge.request(this.#handle, Method.SenderSetPaused, { paused });
  }

  /** Sends another track of the same kind, or none. `trackIdentifier` is its id in stats. */
  async replaceTrack(track: NativeTrack | null, trackIdentifier = ''): Promise<void> {
    const params = { track: track?.handle ?? null, trackIdentifier };
    await this.#bridge.request(this.#handle, Method.SenderReplaceTrack, params);
  }

  /** Sends as `encodings` ask from now on: as many as the sender has. */
  async setEncodings(encodings: Encoding[]): Promise<void> {
    await this.#bridge.request(this.#handle, Method.SenderSetEncodings, { encodings });
  }

  /** Has its frames go through the app from now on. */
  createEncodedStreams(describe: (ssrc: number) => StreamDescription): RTCInsertableStreams {
    const opening = this.#bridge.request(this.#handle, Method.SenderCreateEncodedStreams, {});
    return new EncodedStreams(this.#bridge, opening, describe).streams;
  }

  async getStats(): Promise<StatsReport> {
    const { entries } = await this.#bridge.request(this.#handle, Method.SenderGetStats, {});
    return new StatsReport(entries as StatsEntry[]);
  }
}
