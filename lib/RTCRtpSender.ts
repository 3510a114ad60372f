import type { RtpParameters } from 'mediasoup-client/types';
import { ArgumentError, InvalidStateError, UnsupportedError, describe } from './errors.js';
import type { RtpSender } from './RtpSender.js';
import type { StatsReport } from './StatsReport.js';
import { nativeTrackOf } from './tracks.js';
import type { WorkerProvider } from './WorkerProvider.js';
import type { Encoding } from './wire.js';

const SETTABLE = [
  'active',
  'maxBitrate',
  'maxFramerate',
  'scaleResolutionDownBy',
  'scalabilityMode',
] as const;

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
    const { temporalLayers: layers, ...encoding } = this.#encoding;
    return {
      transactionId: String(this.#transaction),
      encodings: [{ ...encoding, ...(layers && { scalabilityMode: `L1T${layers}` }) }],
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
   * `scalabilityMode` (L1T1 to L1T3, of VP8) of the one encoding; video goes on from a keyframe.
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
    checkLayers(encoding, this.#negotiated.codecs[0]?.mimeType);
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

/**
 * What of W3C's RTCRtpEncodingParameters one encoding can have.
 *
 * @throws TypeError for a wrong value, UnsupportedError for one that cannot be honoured.
 */
export function parseEncoding(name: string, given: unknown): Encoding {
  if (typeof given !== 'object' || given === null) {
    throw new ArgumentError(`${name}: expected an object, got ${describe(given)}`);
  }
  const {
    active = true,
    maxBitrate,
    maxFramerate,
    scaleResolutionDownBy,
    scalabilityMode,
    ...others
  } = given as Record<string, unknown>;
  if (typeof active !== 'boolean') {
    throw new ArgumentError(`${name}.active: expected true or false, got ${describe(active)}`);
  }
  for (const [member, value] of Object.entries(others)) {
    if (value === undefined || value === DEFAULTS[member]) continue;
    throw new UnsupportedError(`${name}.${member} is not supported (${SETTABLE.join(', ')} are)`);
  }
  return {
    active,
    ...(maxBitrate === undefined
      ? {}
      : { maxBitrate: Math.ceil(positive(`${name}.maxBitrate`, maxBitrate)) }),
    ...(maxFramerate === undefined
      ? {}
      : { maxFramerate: positive(`${name}.maxFramerate`, maxFramerate) }),
    ...(scaleResolutionDownBy === undefined
      ? {}
      : { scaleResolutionDownBy: factor(`${name}.scaleResolutionDownBy`, scaleResolutionDownBy) }),
    ...temporalLayers(`${name}.scalabilityMode`, scalabilityMode),
  };
}

function temporalLayers(name: string, mode: unknown): Pick<Encoding, 'temporalLayers'> {
  if (mode === undefined) return {};
  const layers = typeof mode === 'string' ? /^[LS]1T([123])$/.exec(mode)?.[1] : undefined;
  if (layers === undefined) {
    throw new UnsupportedError(
      `${name}: ${describe(mode)} is not supported (L1T1, L1T2 and L1T3 are)`,
    );
  }
  return layers === '1' ? {} : { temporalLayers: Number(layers) };
}

/**
 * Checks what is only known with the codec that is sent.
 *
 * @throws UnsupportedError if temporal layers are asked for, and it has none.
 */
export function checkLayers(
  { temporalLayers: layers }: Pick<Encoding, 'temporalLayers'>,
  mimeType: string | undefined,
): void {
  if (layers === undefined || mimeType === undefined || /^video\/vp8$/i.test(mimeType)) return;
  throw new UnsupportedError(
    `encodings[0].scalabilityMode: L1T${layers} of ${mimeType} is not supported (of video/VP8 it is)`,
  );
}

// W3C's, which are what happens.
const DEFAULTS: Record<string, unknown> = {
  priority: 'low',
  networkPriority: 'low',
  adaptivePtime: false,
};

function factor(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1 && Number.isFinite(value)) return value;
  throw new ArgumentError(`${name}: expected a number from 1 on, got ${describe(value)}`);
}

function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new ArgumentError(`${name}: expected a number above 0, got ${describe(value)}`);
}
