import type { RtpParameters } from 'mediasoup-client/types';
import { parseEncoding } from './encoding.js';
import { ArgumentError, InvalidStateError, UnsupportedError, describe } from './errors.js';
import type { RtpSender } from './RtpSender.js';
import { checkScalabilityMode } from './scalabilityMode.js';
import type { StatsReport } from './StatsReport.js';
import { nativeTrackOf } from './tracks.js';
import type { WorkerProvider } from './WorkerProvider.js';
import type { Encoding } from './wire.js';

/**
 * What sends a producer's track: `producer.rtpSender`, and what `onRtpSender` gets.
 *
 * It is W3C's RTCRtpSender, of one encoding. What it has not is null or refused by name.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcrtpsender-interface
 */
export class RTCRtpSender implements globalThis.RTCRtpSender {
  /** RTP goes over the transport of mediasoup-client, not over one of W3C's. */
  readonly transport = null;
  readonly dtmf = null;
  readonly #sender: RtpSender;
  readonly #workers: WorkerProvider;
  readonly #kind: string;
  #track: MediaStreamTrack | null;
  #encoding: Encoding;
  #negotiated: Pick<RtpParameters, 'codecs' | 'headerExtensions' | 'rtcp'> = { codecs: [] };
  #transaction = 0;

  /** Not for apps. */
  constructor(
    sender: RtpSender,
    workers: WorkerProvider,
    track: MediaStreamTrack,
    encoding: Encoding,
  ) {
    this.#sender = sender;
    this.#workers = workers;
    this.#track = track;
    this.#kind = track.kind;
    this.#encoding = encoding;
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

  /** Sends another track of the same kind, or nothing, without negotiation. */
  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    if (track && track.kind !== this.#kind) {
      throw new ArgumentError(`track.kind: expected "${this.#kind}", got "${track.kind}"`);
    }
    const native = track && (await nativeTrackOf(track, this.#workers));
    await this.#sender.replaceTrack(native, track?.id);
    this.#track = track;
  }

  /** What is sent, and how; to be changed and given to `setParameters()`. */
  getParameters(): RTCRtpSendParameters {
    this.#transaction += 1;
    const { codecs, headerExtensions = [], rtcp } = this.#negotiated;
    return {
      transactionId: String(this.#transaction),
      encodings: [{ ...this.#encoding }],
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
   * `scalabilityMode` (of those that the codec can have) of the one encoding; video goes on from a keyframe.
   *
   * @throws InvalidStateError if `parameters` are not those of the last `getParameters()`.
   * @throws TypeError for a wrong value, UnsupportedError for one that cannot be changed.
   */
  async setParameters(parameters: RTCRtpSendParameters): Promise<void> {
    if (parameters.transactionId !== String(this.#transaction)) {
      throw new InvalidStateError('parameters: expected those that getParameters() gave last');
    }
    const { encodings } = parameters as { encodings: unknown };
    if (!Array.isArray(encodings) || encodings.length !== 1) {
      throw new ArgumentError(
        `parameters.encodings: expected the one encoding, got ${describe(encodings)}`,
      );
    }
    const encoding = parseEncoding('parameters.encodings[0]', encodings[0]);
    checkScalabilityMode(
      'parameters.encodings[0].scalabilityMode',
      encoding.scalabilityMode,
      this.#negotiated.codecs[0]?.mimeType,
    );
    await this.#sender.setEncoding(encoding);
    this.#encoding = encoding;
    this.#transaction += 1;
  }

  /** @throws UnsupportedError always: the stream is the one that `produce()` was given. */
  setStreams(): void {
    throw new UnsupportedError('RTCRtpSender.setStreams() is not supported');
  }

  /** Not for apps: takes what was negotiated. */
  setNegotiated(parameters: RtpParameters): void {
    this.#negotiated = parameters;
  }
}
