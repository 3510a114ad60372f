import type { Bridge } from './bridge.js';
import { InvalidStateError, OperationError, errorFromWire } from './errors.js';
import type { NativeFrame } from './frames/NativeFrame.js';
import type { NativeTrack } from './NativeTrack.js';
import { Event, Method } from './wire.js';
import type { ReaderOptions } from './wire.js';

/** Reads the frames of a track, which are decoded from its beginning to `close()`. */
export class TrackReader {
  readonly #bridge: Bridge;
  readonly #handle: number;
  #wake: (() => void) | undefined;
  #ended = false;
  #reason: Error | undefined;
  #closed = false;

  private constructor(bridge: Bridge, handle: number) {
    this.#bridge = bridge;
    this.#handle = handle;
    bridge.listen(handle, {
      event: (event, body) => {
        if (event === Event.ReaderEnded) {
          this.#ended = true;
          this.#reason = body.error ? errorFromWire(body.error) : undefined;
        } else if (event !== Event.ReaderReady) return;
        this.#wake?.();
      },
      closed: () => {
        this.#closed = true;
        this.#wake?.();
      },
    });
  }

  /** @throws InvalidStateError if the track has ended, TypeError if an option can't be. */
  static async open(track: NativeTrack, options: ReaderOptions): Promise<TrackReader> {
    const { bridge } = track;
    const { handle } = await track.untilEnded(
      bridge.request(track.handle, Method.TrackRead, options),
    );
    return new TrackReader(bridge, handle);
  }

  /**
   * The next frame; undefined once the track, or this, has ended. There is one caller at a time.
   *
   * @throws why the track ended, unless that is its normal end; OperationError if too many frames are held.
   */
  async next(): Promise<NativeFrame | undefined> {
    // Who waits for a frame waits for it to come.
    this.#bridge.ref();
    try {
      for (;;) {
        if (this.#closed) return undefined;
        // Asked before: what came with the end is taken first.
        const ended = this.#ended;
        const frame = this.#take();
        if (frame) return frame;
        if (ended) {
          if (this.#reason) throw this.#reason;
          return undefined;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.#bridge.unref();
    }
  }

  #take(): NativeFrame | undefined {
    try {
      return this.#bridge.takeFrame(this.#handle);
    } catch (error) {
      // It was closed, and the record of that is on its way.
      if (error instanceof InvalidStateError) {
        this.#closed = true;
        return undefined;
      }
      if ((error as { code?: string }).code !== 'ERR_BUFFER_FULL') throw error;
      throw new OperationError(
        'too many frames are held (32 pictures or 3000 pieces of sound of a track, 65536 frames or 2 GB of all): close() each when it is done with',
        { code: 'ERR_BUFFER_FULL', cause: error },
      );
    }
  }

  /** Ends reading: nothing is decoded any more. Frames that were taken stay. It may be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.();
    // It may have gone with its Worker.
    this.#bridge.request(this.#handle, Method.ReaderClose, {}).catch(() => undefined);
  }
}
