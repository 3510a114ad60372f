import { WritableStream } from 'node:stream/web';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { assertObject, duration, timestamp } from './arguments.js';
import { awake } from './awake.js';
import { Bridge } from './bridge.js';
import { bytesOf, isBytes } from './bytes.js';
import type { Bytes } from './bytes.js';
import { ArgumentError, NotSupportedError, describe } from './errors.js';
import { EventHandlers } from './EventHandlers.js';
import { FrameKind } from './frames/head.js';
import type { NativeFrame } from './frames/NativeFrame.js';
import { hiddenWorkers } from './hiddenWorkers.js';
import { NativeTrack, hasEnded } from './NativeTrack.js';
import { SerialQueue } from './SerialQueue.js';
import { bindOpeningTrack } from './tracks.js';
import { Event as CoreEvent, Method } from './wire.js';
import type { AnyEvent } from './wire.js';

/** What an {@link EncodedTrackGenerator} makes. */
export type EncodedTrackGeneratorInit = {
  /** What it is. */
  kind: 'audio' | 'video';
  /** `video/H264`, `VP8`, `VP9` or `AV1`; `audio/opus`, `PCMU`, `PCMA` or `G722`. */
  mimeType: string;
  /** Of H264: what an avcC box holds (WebCodecs' description). Frames are AVCC then; without it, Annex B. */
  description?: Bytes;
};

/** A coded frame, as WebCodecs' EncodedVideoChunkInit and EncodedAudioChunkInit; whether it is a keyframe is read from it. */
export type EncodedChunk = {
  /** A whole picture (AV1: its OBUs, each with a size), in decoding order, or a packet of sound. It is copied. */
  data: Bytes;
  /** In µs, from whatever beginning. */
  timestamp: number;
  /** In µs. */
  duration?: number | null;
};

/** The events of {@link EncodedTrackGenerator}. */
export interface EncodedTrackGeneratorEventMap {
  /** A receiver needs a keyframe: the next frame is to be one. */
  keyframerequest: Event;
  /** What the network carries has changed. */
  bitrateestimate: BitrateEstimateEvent;
}

/** What the network carries of a track. */
export class BitrateEstimateEvent extends Event {
  /** In bits a second. */
  readonly bitrate: number;

  constructor(bitrate: number) {
    super('bitrateestimate');
    this.bitrate = bitrate;
  }
}

type Handler<E extends Event> = ((this: EncodedTrackGenerator, event: E) => unknown) | null;

const MIME_TYPES = {
  audio: /^audio\/(opus|PCM[UA]|G722)$/i,
  video: /^video\/(H264|VP[89]|AV1)$/i,
};

/**
 * A track of the app's own encoder: coded frames in, RTP out. `transport.produce()` takes `track`, in its codec alone.
 *
 * @example
 * const generator = new EncodedTrackGenerator({ kind: 'video', mimeType: 'video/VP8' });
 * generator.onkeyframerequest = () => (keyFrame = true);
 * await transport.produce({ track: generator.track });
 * await generator.write({ data, timestamp });
 */
export class EncodedTrackGenerator extends EventTarget {
  /** Ends with `writable`, or when it is stopped. */
  readonly track: MediaStreamTrack;
  /** Takes frames as `write()`; one that is refused ends the stream, as it does any WritableStream. Closing it ends the track. */
  readonly writable: WritableStream<EncodedChunk>;
  readonly #kind: 'audio' | 'video';
  readonly #opened: Promise<NativeTrack>;
  readonly #handlers = new EventHandlers(this);
  readonly #queue = new SerialQueue();
  #bitrate: number | undefined;
  #room: (() => void) | undefined;

  /**
   * @throws TypeError for an unknown kind, NotSupportedError for a codec that is not sent.
   */
  constructor(init: EncodedTrackGeneratorInit) {
    super();
    const { kind, mimeType, description } = checked(init);
    this.#kind = kind;
    const track = new FakeMediaStreamTrack({ kind, data: { remote: false } });
    this.track = track;
    this.#opened = this.#open(mimeType, description);
    bindOpeningTrack(track, this.#opened);
    this.writable = new WritableStream<EncodedChunk>({
      write: (chunk) => this.write(chunk),
      close: () => this.#queue.run(async () => this.#end()),
      abort: () => this.#end(),
    });
  }

  /** A receiver needs a keyframe. Requests that come close together are one; it comes again while none is written. */
  get onkeyframerequest(): Handler<Event> {
    return this.#handlers.get('keyframerequest');
  }

  /** `null` takes the handler away. */
  set onkeyframerequest(handler: Handler<Event>) {
    this.#handlers.set('keyframerequest', handler);
  }

  /** What the network carries has changed by 5% or more. */
  get onbitrateestimate(): Handler<BitrateEstimateEvent> {
    return this.#handlers.get('bitrateestimate');
  }

  /** `null` takes the handler away. */
  set onbitrateestimate(handler: Handler<BitrateEstimateEvent>) {
    this.#handlers.set('bitrateestimate', handler);
  }

  /** What the network carries, in bits a second; undefined before it is known. */
  get bitrateEstimate(): number | undefined {
    return this.#bitrate;
  }

  /**
   * Sends a frame. It waits while too many wait already.
   *
   * @throws TypeError if it is malformed, and says how: the next is taken all the same.
   * @throws InvalidStateError if the track has ended.
   */
  async write(chunk: EncodedChunk): Promise<void> {
    const frame = this.#made(chunk);
    try {
      await this.#queue.run(() => this.#write(frame));
    } finally {
      frame.release();
    }
  }

  override addEventListener<K extends keyof EncodedTrackGeneratorEventMap>(
    type: K,
    listener: (this: EncodedTrackGenerator, event: EncodedTrackGeneratorEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener as (event: Event) => void, options);
  }

  override removeEventListener<K extends keyof EncodedTrackGeneratorEventMap>(
    type: K,
    listener: (this: EncodedTrackGenerator, event: EncodedTrackGeneratorEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as (event: Event) => void, options);
  }

  /** Now, so that the app may use its memory again. */
  #made(chunk: EncodedChunk): NativeFrame {
    assertObject(chunk, 'chunk', '{ data, timestamp }');
    if (!isBytes(chunk.data)) {
      throw new ArgumentError(`chunk: expected { data, timestamp }, got ${describe(chunk)}`);
    }
    const head = {
      kind: this.#kind === 'video' ? FrameKind.CodedVideo : FrameKind.CodedAudio,
      timestamp: timestamp(chunk.timestamp, 'chunk.timestamp'),
      duration: duration(chunk.duration, 'chunk.duration'),
    };
    return Bridge.open().makeFrame(head, bytesOf(chunk.data));
  }

  async #write(frame: NativeFrame): Promise<void> {
    const native = await this.#opened;
    const bridge = Bridge.open();
    const { timestamp, duration } = frame.head;
    try {
      while (
        !this.#hasRoom(native, bridge.writeFrame(native.handle, frame, { timestamp, duration }))
      ) {
        await awake(
          new Promise<void>((resolve) => {
            this.#room = resolve;
          }),
        );
      }
    } catch (error) {
      if (native.ended) throw hasEnded(native.reason);
      if (!(error instanceof TypeError)) throw error;
      const { reason } = await bridge.request(native.handle, Method.CodedTrackRefusal, {});
      throw new ArgumentError(`chunk.data: ${reason}`);
    }
  }

  #hasRoom(native: NativeTrack, taken: boolean): boolean {
    if (native.ended) throw hasEnded(native.reason);
    return taken;
  }

  async #open(mimeType: string, description: Bytes | undefined): Promise<NativeTrack> {
    const lease = hiddenWorkers.acquire();
    try {
      const { handle, id } = await lease.core.request(Method.WorkerCreateCodedTrack, {
        kind: this.#kind,
        mimeType,
        ...(description && { description: Buffer.from(bytesOf(description)).toString('base64') }),
      });
      const native = new NativeTrack(lease.core.bridge, handle, id, (...event) => {
        this.#onEvent(...event);
      });
      native.onEnded(() => {
        lease.release();
        this.#room?.();
      });
      return native;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  #onEvent(...[event, body]: AnyEvent): void {
    if (event === CoreEvent.CodedTrackKeyframe) {
      this.dispatchEvent(new Event('keyframerequest'));
    } else if (event === CoreEvent.CodedTrackBitrate) {
      this.#bitrate = body.bitrate;
      this.dispatchEvent(new BitrateEstimateEvent(body.bitrate));
    } else if (event === CoreEvent.CodedTrackRoom) {
      this.#room?.();
    }
  }

  async #end(): Promise<void> {
    const native = await this.#opened;
    native.stop();
  }
}

function checked(init: EncodedTrackGeneratorInit): EncodedTrackGeneratorInit {
  assertObject(init, 'init', '{ kind, mimeType }');
  const { kind, mimeType, description } = init as Record<string, unknown>;
  if (kind !== 'audio' && kind !== 'video') {
    throw new ArgumentError(`init.kind: expected "audio" or "video", got ${describe(kind)}`);
  }
  if (typeof mimeType !== 'string') {
    throw new ArgumentError(`init.mimeType: expected a string, got ${describe(mimeType)}`);
  }
  if (!MIME_TYPES[kind].test(mimeType)) {
    throw new NotSupportedError(`init.mimeType: ${mimeType} is not sent as ${kind} of the app`);
  }
  if (description !== undefined && !isBytes(description)) {
    throw new ArgumentError(`init.description: expected bytes, got ${describe(description)}`);
  }
  return init;
}
