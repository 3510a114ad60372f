import { assertObject } from './arguments.js';
import type { RtpEncodingParameters, RtpParameters } from './mediasoupClient.js';
import {
  ArgumentError,
  InvalidModificationError,
  InvalidStateError,
  UnsupportedError,
  describe,
} from './errors.js';
import type { RTCInsertableStreams } from './EncodedStreams.js';
import type { NativeTrack } from './NativeTrack.js';
import { RTCDTMFSender } from './RTCDTMFSender.js';
import type { RtpSender } from './RtpSender.js';
import { checkScalabilityMode } from './scalabilityMode.js';
import { SerialQueue } from './SerialQueue.js';
import { parseChanges, withDefaultMode } from './simulcast.js';
import type { StatsReport } from './StatsReport.js';
import type { Encoding } from './wire.js';

/**
 * What sends a producer's track: `producer.rtpSender`, and what `onRtpSender` gets.
 *
 * It is W3C's RTCRtpSender. What it has not is null or refused by name.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcrtpsender-interface
 */
export class RTCRtpSender implements globalThis.RTCRtpSender {
  /** RTP goes over the transport of mediasoup-client, not over one of W3C's. */
  readonly transport = null;
  /** Of sound; null of video. It says why it can't send tones. */
  readonly dtmf: RTCDTMFSender | null;
  readonly #sender: RtpSender;
  readonly #open: (track: MediaStreamTrack) => Promise<NativeTrack>;
  readonly #kind: string;
  readonly #replacing = new SerialQueue();
  #track: MediaStreamTrack | null;
  #encodings: Encoding[];
  #mimeType: string | undefined;
  #negotiated: Pick<RtpParameters, 'codecs' | 'headerExtensions' | 'rtcp'> = { codecs: [] };
  #encoded = false;
  #transaction = 0;
  // Of the parameters that were given last, unless they have been set.
  #lastReturned: { transactionId: string } | undefined;

  /** @internal Not for apps. `open` gives what a track stands for, for as long as the transport lives. */
  constructor(
    sender: RtpSender,
    open: (track: MediaStreamTrack) => Promise<NativeTrack>,
    track: MediaStreamTrack,
    encodings: Encoding[],
  ) {
    this.#sender = sender;
    this.#open = open;
    this.#track = track;
    this.#kind = track.kind;
    this.dtmf = track.kind === 'audio' ? new RTCDTMFSender() : null;
    this.#encodings = encodings;
  }

  /** What is sent, or null. */
  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  get transform(): null {
    return null;
  }

  set transform(transform: unknown) {
    if (transform !== null) throw new UnsupportedError('RTCRtpSender.transform is not supported');
  }

  /** What the sender's stream did, as `producer.getStats()`. */
  getStats(): Promise<StatsReport> {
    return this.#sender.getStats();
  }

  /**
   * Has the coded frames go through the app from now on, before they become packets: they
   * wait to be read, and only those that are written go on. It can be called once.
   *
   * @throws InvalidStateError if it was called before.
   * @see https://w3c.github.io/webrtc-encoded-transform/
   */
  createEncodedStreams(): RTCInsertableStreams {
    if (this.#encoded) throw new InvalidStateError('createEncodedStreams() was called before');
    this.#encoded = true;
    return this.#sender.createEncodedStreams((ssrc) => ({
      mimeType: this.#mimeType ?? '',
      rid: this.#encodings[this.#sender.streams.findIndex((one) => one.ssrc === ssrc)]?.rid,
    }));
  }

  /** Sends another track of the same kind, or nothing, without negotiation. Of several calls, the last one's is sent. */
  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    if (track && track.kind !== this.#kind) {
      throw new ArgumentError(`track.kind: expected "${this.#kind}", got "${track.kind}"`);
    }
    // A source may take a while to open, which those that come later wait for.
    await this.#replacing.run(async () => {
      const native = track && (await this.#open(track));
      const replacing = this.#sender.replaceTrack(native, track?.id);
      await (native ? native.untilEnded(replacing) : replacing);
      this.#track = track;
    });
  }

  /** What is sent, and how; to be changed and given to `setParameters()`. */
  getParameters(): RTCRtpSendParameters {
    this.#transaction += 1;
    const { codecs, headerExtensions = [], rtcp } = this.#negotiated;
    const transactionId = String(this.#transaction);
    this.#lastReturned = { transactionId };
    return {
      transactionId,
      encodings: this.#encodings.map((encoding) => ({ ...encoding })),
      codecs: codecs.map(({ mimeType, payloadType, clockRate, channels }) => ({
        mimeType,
        payloadType,
        clockRate,
        ...(channels === undefined ? {} : { channels }),
      })),
      headerExtensions: headerExtensions.map(({ uri, id }) => ({ uri, id, encrypted: false })),
      rtcp: { cname: rtcp?.cname ?? '', reducedSize: true },
    };
  }

  /**
   * Changes `active`, `maxBitrate` (bits a second), `maxFramerate`, `scaleResolutionDownBy` and
   * `scalabilityMode` (of those that the codec can have) of each encoding; video whose encoding
   * changes goes on from a keyframe.
   *
   * @throws InvalidStateError if `getParameters()` was not called since the last change.
   * @throws InvalidModificationError if the encodings are others, or `parameters` not the last.
   * @throws TypeError for a wrong value, UnsupportedError for one that cannot be changed.
   */
  async setParameters(parameters: RTCRtpSendParameters): Promise<void> {
    assertObject(parameters, 'parameters', 'those that getParameters() gave');
    this.#checkUnchanged(parameters);
    const encodings = parseChanges('parameters.encodings', this.#encodings, parameters.encodings);
    this.#lastReturned = undefined;
    await this.#setEncodings(encodings);
  }

  /** @throws UnsupportedError always: the stream is the one that `produce()` was given. */
  setStreams(): void {
    throw new UnsupportedError('RTCRtpSender.setStreams() is not supported');
  }

  /**
   * Not for apps: takes the codec, and resolves to what the server is told of each encoding.
   *
   * @throws UnsupportedError if the codec has no such layers.
   */
  async settle(mimeType: string): Promise<RtpEncodingParameters[]> {
    this.#mimeType = mimeType;
    await this.#setEncodings(this.#encodings);
    if (this.#encodings.length === 1) return [];
    return this.#encodings.map(({ rid, scalabilityMode = 'L1T1' }) => ({
      ...(rid !== undefined && { rid }),
      scalabilityMode,
    }));
  }

  /** Not for apps: takes what was negotiated. */
  setNegotiated(parameters: RtpParameters): void {
    this.#negotiated = parameters;
  }

  async #setEncodings(wanted: Encoding[]): Promise<void> {
    const encodings = withDefaultMode(wanted, this.#mimeType);
    for (const [index, { scalabilityMode }] of encodings.entries()) {
      const name = `encodings[${index}].scalabilityMode`;
      checkScalabilityMode(name, scalabilityMode, this.#mimeType);
    }
    if (encodings !== this.#encodings) await this.#sender.setEncodings(encodings);
    this.#encodings = encodings;
  }

  /** What setParameters() of W3C checks of what may not change. */
  #checkUnchanged({ transactionId, encodings }: RTCRtpSendParameters): void {
    if (!this.#lastReturned) {
      throw new InvalidStateError('parameters: expected those that getParameters() gave last');
    }
    if (transactionId !== this.#lastReturned.transactionId) {
      throw new InvalidModificationError(
        'parameters.transactionId: expected that of what getParameters() gave last',
      );
    }
    if (!Array.isArray(encodings)) {
      throw new ArgumentError(
        `parameters.encodings: expected an array, got ${describe(encodings)}`,
      );
    }
    if (encodings.length !== this.#encodings.length) {
      throw new InvalidModificationError(
        `parameters.encodings: expected ${this.#encodings.length}, got ${encodings.length}`,
      );
    }
    for (const [index, { rid }] of this.#encodings.entries()) {
      const given = (encodings[index] as Partial<RTCRtpEncodingParameters> | null | undefined)?.rid;
      if (given === rid) continue;
      throw new InvalidModificationError(
        `parameters.encodings[${index}].rid: expected ${describe(rid)}, got ${describe(given)}`,
      );
    }
  }
}
