import { EventHandlers } from './EventHandlers.js';
import { LevelWatch } from './LevelWatch.js';
import { linearLevel } from './audioLevels.js';
import type { AudioLevelEvent, VoiceActivityEvent } from './audioLevels.js';
import type { RtpParameters } from './mediasoupClient.js';
import type { RTCInsertableStreams } from './EncodedStreams.js';
import { InvalidStateError, UnsupportedError } from './errors.js';
import type { RtpReceiver } from './RtpReceiver.js';
import type { StatsReport } from './StatsReport.js';

/** W3C's: what is older is no source any more. */
const RECENT_MS = 10_000;

type LevelHandler<E> = ((this: RTCRtpReceiver, event: E) => unknown) | null;

/** The events of an {@link RTCRtpReceiver}. */
export interface RTCRtpReceiverEventMap {
  audiolevel: AudioLevelEvent;
  voiceactivity: VoiceActivityEvent;
}

/**
 * What receives a consumer's track: `consumer.rtpReceiver`, and what `onRtpReceiver` gets.
 *
 * It is W3C's RTCRtpReceiver. What it has not is null or refused by name.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface
 */
export class RTCRtpReceiver extends EventTarget implements globalThis.RTCRtpReceiver {
  /** RTP goes over the transport of mediasoup-client, not over one of W3C's. */
  readonly transport = null;
  readonly #handlers = new EventHandlers(this);
  readonly #levels: LevelWatch;
  readonly #receiver: RtpReceiver;
  readonly #track: MediaStreamTrack;
  readonly #parameters: RtpParameters;
  #encoded = false;

  /** @internal Not for apps. */
  constructor(receiver: RtpReceiver, track: MediaStreamTrack, parameters: RtpParameters) {
    super();
    this.#receiver = receiver;
    this.#levels = new LevelWatch(this, receiver);
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

  /**
   * The stream that is received, if packets came within the last 10 s that say how loud they are (RFC 6464). Nothing
   * is decoded for it.
   */
  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    const last = this.#receiver.lastLevel;
    const source = this.#parameters.encodings?.[0]?.ssrc;
    if (!last || source === undefined || Date.now() - last.timestamp > RECENT_MS) return [];
    const { rtpTimestamp, timestamp, level } = last;
    return [{ source, timestamp, rtpTimestamp, audioLevel: linearLevel(level) }];
  }

  /** How loud the track is, ten times a second while sound comes and somebody listens. */
  get onaudiolevel(): LevelHandler<AudioLevelEvent> {
    return this.#handlers.get('audiolevel');
  }

  set onaudiolevel(handler: LevelHandler<AudioLevelEvent>) {
    this.#handlers.set('audiolevel', handler);
  }

  /** Somebody begins to speak, or has been silent for half a second. */
  get onvoiceactivity(): LevelHandler<VoiceActivityEvent> {
    return this.#handlers.get('voiceactivity');
  }

  set onvoiceactivity(handler: LevelHandler<VoiceActivityEvent>) {
    this.#handlers.set('voiceactivity', handler);
  }

  override addEventListener<K extends keyof RTCRtpReceiverEventMap>(
    type: K,
    listener: (this: RTCRtpReceiver, event: RTCRtpReceiverEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    this.#levels.watchIfHeard();
  }

  override removeEventListener<K extends keyof RTCRtpReceiverEventMap>(
    type: K,
    listener: (this: RTCRtpReceiver, event: RTCRtpReceiverEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener, options);
    this.#levels.watchIfHeard();
  }
}
