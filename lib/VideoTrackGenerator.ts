import type { AiortcMediaStreamTrack } from './AiortcMediaStream.js';
import { ownOf } from './frames/VideoFrame.js';
import type { VideoFrame } from './frames/VideoFrame.js';
import { GeneratorCore } from './GeneratorCore.js';

/**
 * W3C's VideoTrackGenerator: a track of pictures that the app writes, for `produce()`. They go out as they are written;
 * their timestamps only make them even.
 *
 * @see https://w3c.github.io/mediacapture-transform/#video-track-generator
 *
 * @example
 * const generator = new VideoTrackGenerator();
 * await transport.produce({ track: generator.track });
 * await generator.write(new VideoFrame(rgba, { format: 'RGBA', codedWidth, codedHeight, timestamp }));
 */
export class VideoTrackGenerator {
  readonly #core = new GeneratorCore('video');
  /** Closing it ends the track. */
  readonly writable: WritableStream<VideoFrame>;

  constructor() {
    this.writable = new WritableStream<VideoFrame>({
      write: (frame) => this.write(frame),
      close: () => {
        this.#core.end();
      },
      abort: () => {
        this.#core.end();
      },
    });
  }

  /** What `produce()` takes. */
  get track(): AiortcMediaStreamTrack {
    return this.#core.track;
  }

  /** Whether what is written is dropped. The track's `mute` and `unmute` fire. */
  get muted(): boolean {
    return this.#core.muted;
  }

  /** Drops what is written while it is true. */
  set muted(muted: boolean) {
    this.#core.muted = muted;
  }

  /**
   * Writes a picture, which is closed by it. Resolves when there was room: a few may wait to be encoded.
   *
   * @throws InvalidStateError if the track has ended or `frame` is closed, TypeError if it is no VideoFrame.
   */
  async write(frame: VideoFrame): Promise<void> {
    const { native, timestamp, duration, visible } = ownOf(frame);
    const { rotation, fullRange, matrix } = native.head;
    const shared = native.share();
    frame.close();
    await this.#core.write(shared, {
      ...{ timestamp, duration, rotation, fullRange, matrix },
      ...visible,
    });
  }
}
