import { ReadableStream, WritableStream } from 'node:stream/web';
import type { Bridge } from './bridge.js';
import { ArgumentError, OperationError, describe } from './errors.js';
import type { NativeFrame } from './frames/NativeFrame.js';
import { Logger } from './Logger.js';
import { encodedFrameOf, originOf } from './RTCEncodedFrame.js';
import type { RTCEncodedAudioFrame, RTCEncodedVideoFrame } from './RTCEncodedFrame.js';
import { ErrorCode, Event } from './wire.js';

type EncodedFrame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;

/** What `createEncodedStreams()` gives. */
export type RTCInsertableStreams = {
  /** Frames on their way, which go nowhere unless they are written. */
  readable: ReadableStream<EncodedFrame>;
  /** Where frames of `readable` go on: in its order, each once. Others are left out. */
  writable: WritableStream<EncodedFrame>;
};

const logger = new Logger('EncodedStreams');

/** The codec and, of several encodings, the rid of a stream. */
export type StreamDescription = { mimeType: string; rid?: string | undefined; received?: boolean };

/** The CSRCs of a received frame are a plane of their own. */
function contributingOf(frame: NativeFrame): number[] {
  return frame.head.planes > 1 ? [...new Uint32Array(frame.plane(1).slice(0))] : [];
}

/** Frames of the core on their way through the app. */
export class EncodedStreams {
  readonly streams: RTCInsertableStreams;
  readonly #bridge: Bridge;
  readonly #describe: (ssrc: number) => StreamDescription;
  readonly #opened: Promise<number>;
  #closed = false;
  #wake: (() => void) | undefined;

  /** `describe` tells what the stream of an SSRC is. */
  constructor(
    bridge: Bridge,
    opening: Promise<{ handle: number }>,
    describe: (ssrc: number) => StreamDescription,
  ) {
    this.#bridge = bridge;
    this.#describe = describe;
    this.#opened = opening.then(({ handle }) => this.#listen(handle));
    this.#opened.catch((error: unknown) => {
      logger.debug('the sender or receiver has ended: %s', (error as Error).message);
      this.#close();
    });
    this.streams = {
      // A frame is taken when somebody waits for it: what is too old then was dropped in the core.
      readable: new ReadableStream<EncodedFrame>(
        {
          pull: async (controller) => {
            const frame = await this.#next();
            if (frame) controller.enqueue(frame);
            else controller.close();
          },
        },
        { highWaterMark: 0 },
      ),
      writable: new WritableStream<EncodedFrame>({ write: (frame) => this.#write(frame) }),
    };
  }

  #listen(handle: number): number {
    this.#bridge.listen(handle, {
      event: (...[event]) => {
        if (event === Event.EncodedStreamsFrame) this.#wake?.();
      },
      closed: () => {
        this.#close();
      },
    });
    return handle;
  }

  #close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The next frame; undefined after the last. */
  async #next(): Promise<EncodedFrame | undefined> {
    const handle = await this.#opened.catch(() => 0);
    while (!this.#closed) {
      const frame = this.#take(handle);
      if (frame) return frame;
      if (this.#isClosed()) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return undefined;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #take(handle: number): EncodedFrame | undefined {
    let native;
    try {
      native = this.#bridge.takeFrame(handle);
    } catch (error) {
      if ((error as { code?: string }).code === ErrorCode.BufferFull) {
        throw new OperationError(
          'too many frames are held (65536, or 2 GB): close() each when it is done with',
          { code: ErrorCode.BufferFull, cause: error },
        );
      }
      logger.debug('no more frames: %s', (error as Error).message);
      this.#closed = true;
    }
    if (!native) return undefined;
    try {
      const { head } = native;
      const contributing = contributingOf(native);
      const data = new ArrayBuffer(head.size - 4 * contributing.length);
      if (data.byteLength > 0) native.copy({}, new Uint8Array(data));
      return encodedFrameOf(head, data, {
        ...{ owner: this, contributing },
        ...this.#describe(head.ssrc),
      });
    } finally {
      native.release();
    }
  }

  async #write(frame: EncodedFrame): Promise<void> {
    const origin =
      typeof frame === 'object' && (frame as object | null) ? originOf(frame) : undefined;
    if (!origin) {
      throw new ArgumentError(`frame: expected one of readable, got ${describe(frame)}`);
    }
    if (origin.owner !== this) return;
    const handle = await this.#opened.catch(() => 0);
    if (this.#closed) return;
    const { kind, sequence } = origin.head;
    const native = this.#bridge.makeFrame({ kind, sequence }, new Uint8Array(frame.data));
    try {
      this.#bridge.writeFrame(handle, native, { sequence });
    } catch (error) {
      // What comes after the end goes nowhere.
      if ((error as { name?: string }).name !== 'InvalidStateError') throw error;
    } finally {
      native.release();
    }
  }
}
