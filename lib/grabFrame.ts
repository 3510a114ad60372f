import { assertObject, numberThat } from './arguments.js';
import { ArgumentError, InvalidStateError, TimeoutError, describe } from './errors.js';
import { VideoFrame } from './frames/VideoFrame.js';
import { readTrack } from './MediaStreamTrackProcessor.js';
import { parseReadOptions } from './readerOptions.js';
import type { VideoReadOptions } from './readerOptions.js';
import type { TrackReader } from './TrackReader.js';

/** How the picture is to be, and how long it may take to come. */
export type GrabFrameOptions = VideoReadOptions & {
  /** In ms; 10 s unless given. */
  timeout?: number;
};

const USUAL_TIMEOUT_MS = 10_000;

/**
 * A picture of a track, as it is now. Who has it calls `close()`.
 *
 * @throws TypeError if the track is none of video; TimeoutError if no picture comes.
 * @throws InvalidStateError if the track ends before, or why it ended.
 *
 * @example
 * const frame = await grabFrame(consumer.track, { width: 320, format: 'RGBA' });
 */
export async function grabFrame(
  track: MediaStreamTrack,
  options: GrabFrameOptions = {},
): Promise<VideoFrame> {
  assertObject(options, 'options', 'an object');
  const { timeout = USUAL_TIMEOUT_MS, ...video } = options;
  const kind = (track as MediaStreamTrack | null | undefined)?.kind;
  if (kind !== 'video') {
    throw new ArgumentError(`track: expected a MediaStreamTrack of video, got ${describe(track)}`);
  }
  numberThat((given) => given > 0, timeout, 'timeout', 'a number above 0');
  const late = new AbortController();
  let reader: TrackReader | undefined;
  const timer = setTimeout(
    () => {
      late.abort(new TimeoutError(`grabFrame: no picture within ${timeout} ms`));
      reader?.close();
    },
    Math.min(timeout, 2 ** 31 - 1),
  );
  try {
    const options = parseReadOptions({ maxBufferSize: 1, video }, kind);
    reader = await readTrack(track, options, late.signal);
    if (late.signal.aborted) throw late.signal.reason;
    const native = await reader.next();
    if (native) return VideoFrame.of(native);
    throw new InvalidStateError('grabFrame: the track ended before a picture came');
  } catch (error) {
    throw late.signal.aborted ? late.signal.reason : error;
  } finally {
    clearTimeout(timer);
    reader?.close();
  }
}

/** W3C's ImageCapture, of which `grabFrame()` is here; it gives a VideoFrame. */
export class ImageCapture {
  /** The track whose pictures are grabbed. */
  readonly track: MediaStreamTrack;

  /** @throws TypeError if the track is none of video. */
  constructor(track: MediaStreamTrack) {
    if ((track as MediaStreamTrack | null | undefined)?.kind !== 'video') {
      throw new ArgumentError(
        `track: expected a MediaStreamTrack of video, got ${describe(track)}`,
      );
    }
    this.track = track;
  }

  /** A picture of the track, as it is now. */
  grabFrame(options?: GrabFrameOptions): Promise<VideoFrame> {
    return grabFrame(this.track, options);
  }
}
