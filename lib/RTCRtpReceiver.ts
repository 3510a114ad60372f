import type { RtpParameters } from './mediasoupClient.js';
import type { RTCInsertableStreams } from './EncodedStreams.js';
import { InvalidStateError, UnsupportedError } from './errors.js';
import type { RtpReceiver } from './RtpReceiver.js';
import type { StatsReport } from './StatsReport.js';

/**
 * What receives a consumer's track: `consumer.rtpReceiver`, and what `onRtpReceiver` gets.
 *
 * It is W3C's RTCRtpReceiver. What it has not is null or refused by name.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface
 */
export class RTCRtpReceiver implements globalThis.RTCRtpReceiver {
  /** RTP goes over the transport of mediasoup-client, not over one of W3C's. */
  readonly transport = null;
  readonly #receiver: RtpReceiver;
  readonly #track: MediaStreamTrack;
  readonly #parameters: RtpParameters;
  #encoded = false;

  /** @internal Not for apps. */
  constructor(receiver: RtpReceiver, track: MediaStreamTrack, parameters: RtpParameters) {
    this.#receiver = receiver;
    this.#track = track;
    this.#parameters = parameters;
  }

  /** What is received: the consumer's track. */
  get track(): MediaStreamTrack {
    return this.#track;
  }

  get transform(): null {
    return null;
  }

  set transform(transform: unknown) {
    if (transform !== null) throw new UnsupportedError('RTCRtpReceiver.transform is not supported');
  }

  get jitterBufferTarget(): null {
    return null;
  }

  set jitterBufferTarget(target: unknown) {
    if (target === null) return;
    throw new UnsupportedError('RTCRtpReceiver.jitterBufferTarget is not supported');
  }

  /** What the receiver's stream did, as `consumer.getStats()`. */
  getStats(): Promise<StatsReport> {
    return this.#receiver.getStats();
  }

  /**
   * Has the coded frames go through the app from now on, before who reads the track: they
   * wait to be read, and only those that are written go on. It can be called once.
   *
   * @throws InvalidStateError if it was called before.
   * @see https://w3c.github.io/webrtc-encoded-transform/
   */
  createEncodedStreams(): RTCInsertableStreams {
    if (this.#encoded) throw new InvalidStateError('createEncodedStreams() was called before');
    this.#encoded = true;
    return this.#receiver.createEncodedStreams(() => ({
      mimeType: this.#parameters.codecs[0]?.mimeType ?? '',
      received: true,
    }));
  }

  getParameters(): RTCRtpReceiveParameters {
    const { codecs, headerExtensions = [], rtcp } = this.#parameters;
    return {
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

  /** Those of the frames that were played; none is. */
  getContributingSources(): RTCRtpContributingSource[] {
    return [];
  }

  /** Those of the frames that were played; none is. */
  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    return [];
  }
}
