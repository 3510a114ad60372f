import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import type { AppData } from 'fake-mediastreamtrack';
import type { AiortcMediaStreamTrackData } from './AiortcMediaStream.js';
import type { NativeTrack } from './NativeTrack.js';
import { bindOpeningTrack } from './tracks.js';

type Options<Data extends AppData> = ConstructorParameters<typeof FakeMediaStreamTrack<Data>>[0];

/** What the tracks of one generator have in common. */
export type GeneratorTracks = {
  /** Those that are live. */
  readonly live: Set<FakeMediaStreamTrack>;
  /** Called when the last of them has ended. */
  onEmpty(): void;
};

/** A track of a generator: one whose clones are tracks of the same frames. */
export class GeneratorTrack<
  Data extends AppData = AiortcMediaStreamTrackData,
> extends FakeMediaStreamTrack<Data> {
  readonly #all: GeneratorTracks;
  readonly #opened: Promise<NativeTrack>;

  private constructor(
    all: GeneratorTracks,
    opening: (id: string) => Promise<NativeTrack>,
    options: Options<Data>,
    original?: FakeMediaStreamTrack,
  ) {
    super(options);
    this.#all = all;
    this.#opened = opening(this.id);
    bindOpeningTrack(this, this.#opened, original);
    // A clone of an ended track never stops.
    if (this.readyState === 'ended') return;
    all.live.add(this);
    this.addEventListener('stopped', () => {
      all.live.delete(this);
      if (all.live.size === 0) all.onEmpty();
    });
  }

  /** Makes the first. */
  static first(
    kind: 'audio' | 'video',
    all: GeneratorTracks,
    opening: (id: string) => Promise<NativeTrack>,
  ): GeneratorTrack {
    const options = { kind, label: `${kind} generator`, data: { remote: false } };
    return new GeneratorTrack<AiortcMediaStreamTrackData>(all, opening, options);
  }

  /**
   * W3C's MediaStreamTrack.clone(): a track of the same frames, stopped and disabled on its own.
   * A clone of an ended track has ended.
   */
  override clone<ClonedData extends AppData = Data>(
    options: { id?: string; data?: ClonedData } = {},
  ): GeneratorTrack<ClonedData> {
    const { id, kind, label, contentHint, enabled, muted, readyState, data } =
      super.clone<ClonedData>(options);
    return new GeneratorTrack<ClonedData>(
      this.#all,
      // Asked for in any case: of a track that has ended it is refused.
      async (trackId) => (await this.#opened).clone(trackId),
      { id, kind, label, contentHint, enabled, muted, readyState, data },
      this,
    );
  }
}
