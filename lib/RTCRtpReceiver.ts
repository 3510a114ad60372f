import { EventHandlers } from './EventHandlers.js';
import { LevelWatch } from './LevelWatch.js';
import type { AudioLevelEvent, VoiceActivityEvent } from './audioLevels.js';
import type { RtpParameters } from './mediasoupClient.js';
import type { RTCInsertableStreams } from './EncodedStreams.js';
import { InvalidStateError, UnsupportedError } from './errors.js';
import type { SynchronizationSource } from './receivedSources.js';
import type { RtpReceiver } from './RtpReceiver.js';
import type { StatsReport } from './StatsReport.js';

type LevelHandler<E> = ((this: RTCRtpReceiver, event: E) => unknown) | null;

/** The events of an {@link RTCRtpReceiver}. */
export interface RTCRtpReceiverEventMap {
  /** How loud it is. */
  audiolevel: AudioLevelEvent;
  /** Somebody begins to speak, or ends. */
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

  /**
   * Those that the sender of the stream says to have mixed (CSRCs) in packets of the last 10 s, the newest first. Nothing
   * is decoded, and the track need not be read.
   */
  getContributingSources(): RTCRtpContributingSource[] {
    return this.#receiver.sources.contributing;
  }

  /**
   * The stream itself, if a packet came within the last 10 s; `audioLevel` and `voiceActivityFlag` if that says how loud
   * it is (RFC 6464). `timestamp` is in milliseconds since 1970. Nothing is decoded, and the track need not be read.
   */
  getSynchronizationSources(): SynchronizationSource[] {
    return this.#receiver.sources.synchronization;
  }

  /** The least time between two `audiolevel`, in milliseconds: 10 to 10,000. Default 100. */
  get audioLevelInterval(): number {
    return this.#levels.get('audioLevelInterval');
  }

  /** @throws TypeError if it is out of range. */
  set audioLevelInterval(milliseconds: number) {
    this.#levels.set('audioLevelInterval', milliseconds);
  }

  /**
   * In dBov, -127 to 0: what is louder is taken for speech as long as the sender has never flagged any. Default -50.
   */
  get voiceActivityThreshold(): number {
    return this.#levels.get('voiceActivityThreshold');
  }

  /** @throws TypeError if it is out of range. */
  set voiceActivityThreshold(level: number) {
    this.#levels.set('voiceActivityThreshold', level);
  }

  /** How long speech lasts after the last of it was heard, in milliseconds: 0 to 10,000. Default 500. */
  get voiceActivityHold(): number {
    return this.#levels.get('voiceActivityHold');
  }

  /** @throws TypeError if it is out of range. */
  set voiceActivityHold(milliseconds: number) {
    this.#levels.set('voiceActivityHold', milliseconds);
  }

  /** How loud the track is: the loudest of each `audioLevelInterval` while sound comes, and once where it falls silent. */
  get onaudiolevel(): LevelHandler<AudioLevelEvent> {
    return this.#handlers.get('audiolevel');
  }

  /** `null` takes the handler away. */
  set onaudiolevel(handler: LevelHandler<AudioLevelEvent>) {
    this.#handlers.set('audiolevel', handler);
  }

  /** Somebody begins to speak, or has been silent for `voiceActivityHold`. */
  get onvoiceactivity(): LevelHandler<VoiceActivityEvent> {
    return this.#handlers.get('voiceactivity');
  }

  /** `null` takes the handler away. */
  set onvoiceactivity(handler: LevelHandler<VoiceActivityEvent>) {
    this.#handlers.set('voiceactivity', handler);
  }

  /** What is heard is watched for as long as somebody listens. */
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
    this.#levels.update();
  }

  /** The last listener ends the watch. */
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
    this.#levels.update();
  }
}
