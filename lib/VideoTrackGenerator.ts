import { abortsAtOnce } from './abortsAtOnce.js';
import type { AiortcMediaStreamTrack } from './AiortcMediaStream.js';
import { assertObject } from './arguments.js';
import { ownOf } from './frames/VideoFrame.js';
import type { VideoFrame } from './frames/VideoFrame.js';
import { GeneratorCore } from './GeneratorCore.js';
import { prefersHardware } from './hardwareAcceleration.js';
import type { HardwareAcceleration } from './hardwareAcceleration.js';
import { Logger } from './Logger.js';
import { warnOfUnknownMembers } from './unknownMembers.js';

/** How the pictures go out. */
export type VideoTrackGeneratorOptions = {
  /**
   * What is to encode the pictures, of the track and its clones. `'prefer-hardware'`: the hardware, where there is some
   * that works (H264, by NVIDIA's), or else software: `encoderImplementation` in `producer.getStats()` says which, and
   * `doctor` why. The others: software.
   */
  hardwareAcceleration?: HardwareAcceleration;
};

const logger = new Logger('VideoTrackGenerator');

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
  readonly #core: GeneratorCore;
  /** Closing it ends the track. */
  readonly writable: WritableStream<VideoFrame>;

  /** @throws TypeError that names the option. */
  constructor(options: VideoTrackGeneratorOptions = {}) {
    assertObject(options, 'options', '{ hardwareAcceleration }');
    warnOfUnknownMembers(logger, 'options', options, ['hardwareAcceleration']);
    const { hardwareAcceleration } = options;
    const hardware = prefersHardware('options.hardwareAcceleration', hardwareAcceleration);
    this.#core = new GeneratorCore('video', { hardware });
    this.writable = new WritableStream<VideoFrame>({
      start: abortsAtOnce(() => {
        this.#core.end();
      }),
      write: (frame) => this.write(frame),
      close: () => {
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
