import { ReadableStream } from 'node:stream/web';
import { ArgumentError, InvalidStateError, describe } from './errors.js';
import { AudioData } from './frames/AudioData.js';
import { VideoFrame } from './frames/VideoFrame.js';
import { hiddenWorkers } from './hiddenWorkers.js';
import { parseReadOptions } from './readerOptions.js';
import type { TrackReadOptions } from './readerOptions.js';
import { TrackReader } from './TrackReader.js';
import { nativeTrackOf } from './tracks.js';
import type { ReaderOptions } from './wire.js';

/** What a processor reads, and how. */
export type MediaStreamTrackProcessorInit = TrackReadOptions & {
  /** A track of a consumer, of `getUserMedia()`, of a generator, or one whose `data` names a source. */
  track: MediaStreamTrack;
};

/** Begins to read a track. Who is done closes the reader. */
export async function readTrack(
  track: MediaStreamTrack,
  options: ReaderOptions,
  signal?: AbortSignal,
): Promise<TrackReader> {
  return await TrackReader.open(await nativeTrackOf(track, hiddenWorkers, signal), options);
}

type Open = { reader?: TrackReader };

/** Of a processor whose frames nobody can read any more, nothing is decoded. */
const forgotten = new FinalizationRegistry<Open>(({ reader }) => reader?.close());

/**
 * W3C's MediaStreamTrackProcessor: the frames of any track, a local or a received one, as they are or as `video` and
 * `audio` ask for. Nothing is decoded before the first read, nor after `cancel()`; who is too slow gets the newest.
 *
 * @see https://w3c.github.io/mediacapture-transform/#track-processor-interface
 *
 * @example
 * const { readable } = new MediaStreamTrackProcessor<VideoFrame>({ track: consumer.track });
 * for await (const frame of readable) {
 *   // …
 *   frame.close();
 * }
 */
export class MediaStreamTrackProcessor<T extends VideoFrame | AudioData = VideoFrame | AudioData> {
  readonly #readable: ReadableStream<T>;
  readonly #cancelled = new AbortController();
  readonly #open: Open = {};
  #dropped = 0;

  /** @throws TypeError that names what is wrong. */
  constructor(init: MediaStreamTrackProcessorInit) {
    const { track, ...given } = asInit(init);
    // Said now, not when somebody reads.
    const options = parseReadOptions(given, track.kind);
    this.#readable = new ReadableStream<T>(
      {
        pull: async (controller) => {
          const frame = await this.#next(track, options);
          if (this.#cancelled.signal.aborted) frame?.close();
          else if (frame) controller.enqueue(frame);
          else this.#end(controller);
        },
        cancel: () => {
          this.#cancelled.abort();
          this.#open.reader?.close();
        },
      },
      { highWaterMark: 0 },
    );
    forgotten.register(this, this.#open);
  }

  /** VideoFrames or AudioData until the track ends. Each is closed by who reads it. */
  get readable(): ReadableStream<T> {
    return this.#readable;
  }

  /** How many frames were left out because nobody read them in time, up to the last that was read. */
  get droppedFrames(): number {
    return this.#dropped;
  }

  async #next(track: MediaStreamTrack, options: ReaderOptions): Promise<T | undefined> {
    const { signal } = this.#cancelled;
    const open = this.#open;
    try {
      if (!open.reader) {
        open.reader = await readTrack(track, options, signal);
        // Cancelled before it was there.
        if (signal.aborted) open.reader.close();
      }
      const native = await open.reader.next();
      if (!native) return undefined;
      this.#dropped += native.head.dropped;
      return (track.kind === 'audio' ? AudioData.of(native) : VideoFrame.of(native)) as T;
    } catch (error) {
      open.reader?.close();
      if (signal.aborted || endedWell(track, error)) return undefined;
      throw error;
    }
  }

  #end(controller: { close(): void }): void {
    this.#open.reader?.close();
    controller.close();
  }
}

/** Says that a track had its normal end before it was read. */
function endedWell(track: MediaStreamTrack, error: unknown): boolean {
  return (
    track.readyState === 'ended' && error instanceof InvalidStateError && error.cause === undefined
  );
}

function asInit(init: MediaStreamTrackProcessorInit): MediaStreamTrackProcessorInit {
  const track = (init as Partial<MediaStreamTrackProcessorInit> | null | undefined)?.track;
  if (track?.kind === 'audio' || track?.kind === 'video') return init;
  throw new ArgumentError(`init.track: expected a MediaStreamTrack, got ${describe(track)}`);
}
