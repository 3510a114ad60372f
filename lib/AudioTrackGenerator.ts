import { abortsAtOnce } from './abortsAtOnce.js';
import type { AiortcMediaStreamTrack } from './AiortcMediaStream.js';
import { ownSoundOf } from './frames/AudioData.js';
import type { AudioData } from './frames/AudioData.js';
import { GeneratorCore } from './GeneratorCore.js';

/**
 * A track of sound that the app writes, for `produce()`. Sound of any length, rate and layout is resampled, cut, and
 * sent by the clock; where there is none, silence is.
 *
 * @example
 * const generator = new AudioTrackGenerator();
 * await transport.produce({ track: generator.track });
 * for await (const data of speech) await generator.write(data);
 * await generator.drained();
 */
export class AudioTrackGenerator {
  readonly #core = new GeneratorCore('audio');
  /** Closing it ends the track, after what was written; abort() ends it at once. */
  readonly writable: WritableStream<AudioData>;

  constructor() {
    this.writable = new WritableStream<AudioData>({
      start: abortsAtOnce(() => {
        this.#core.end();
      }),
      write: (data) => this.write(data),
      close: async () => {
        await this.#core.drained();
        this.#core.end();
      },
    });
  }

  /** What `produce()` takes. */
  get track(): AiortcMediaStreamTrack {
    return this.#core.track;
  }

  /** Whether what is written is dropped, and silence sent. The track's `mute` and `unmute` fire. */
  get muted(): boolean {
    return this.#core.muted;
  }

  /** Drops what is written while it is true. */
  set muted(muted: boolean) {
    this.#core.muted = muted;
  }

  /** How much was written and not sent yet, in seconds. */
  get queuedDuration(): number {
    return this.#core.queuedDuration;
  }

  /**
   * Writes sound, which is closed by it. Resolves when there was room: a second may be queued.
   *
   * @throws InvalidStateError if the track has ended or `data` is closed, TypeError if it is no AudioData.
   */
  async write(data: AudioData): Promise<void> {
    const { native, timestamp } = ownSoundOf(data);
    const shared = native.share();
    data.close();
    await this.#core.write(shared, { timestamp });
  }

  /** Drops what was written and not sent yet: silence follows at once. */
  clear(): void {
    this.#core.clear();
  }

  /**
   * Resolves when all that was written before has been sent, or was cleared.
   *
   * @throws InvalidStateError if the track has ended.
   */
  async drained(): Promise<void> {
    await this.#core.drained();
  }
}
