import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import type { AppData } from 'fake-mediastreamtrack';
import { assertObject, assertString } from './arguments.js';
import type { SourceRequest } from './constraints.js';
import type { NativeTrack } from './NativeTrack.js';
import { openSourceTrack } from './sources.js';
import { bindOpeningTrack, bindTrack } from './tracks.js';
import type { WorkerProvider } from './WorkerProvider.js';

type PlayerData = { playerId?: string; remote: boolean; error?: Error };
type Kind = 'audio' | 'video';
type Origin = { workers: WorkerProvider; request: SourceRequest; playerId: string };

/** A track of getUserMedia(): one whose clones are tracks of the same source too. */
export class SourceTrack<Data extends AppData = PlayerData> extends FakeMediaStreamTrack<Data> {
  readonly #origin: Origin;

  private constructor(
    origin: Origin,
    options: ConstructorParameters<typeof FakeMediaStreamTrack<Data>>[0],
  ) {
    super(options);
    this.#origin = origin;
  }

  /** Makes the track that stands for `native`. */
  static of(kind: Kind, native: NativeTrack, origin: Origin): SourceTrack {
    const track = new SourceTrack<PlayerData>(origin, {
      ...(native.id === undefined ? {} : { id: native.id }),
      kind,
      label: origin.request.value,
      data: { playerId: origin.playerId, remote: false },
    });
    bindTrack(track, native);
    return track;
  }

  /**
   * W3C's MediaStreamTrack.clone(): a track of the same source, stopped and disabled on its own.
   * A clone of an ended track has ended.
   */
  override clone<ClonedData extends AppData = Data>(
    options: { id?: string; data?: ClonedData } = {},
  ): SourceTrack<ClonedData> {
    assertObject(options, 'options', '{ id, data }');
    const { id, data } = options;
    if (id !== undefined) assertString(id, 'options.id');
    if (data !== undefined) assertObject(data, 'options.data', 'an object');
    const copy = super.clone<ClonedData>({
      ...(id === undefined ? {} : { id }),
      ...(data === undefined ? {} : { data }),
    });
    const clone = new SourceTrack<ClonedData>(this.#origin, {
      id: copy.id,
      kind: copy.kind,
      label: copy.label,
      contentHint: copy.contentHint,
      enabled: copy.enabled,
      muted: copy.muted,
      readyState: copy.readyState,
      data: copy.data,
    });
    if (clone.readyState === 'live') {
      // Now, while the original still holds the source open.
      const { workers, request } = this.#origin;
      bindOpeningTrack(clone, openSourceTrack(workers, request, this.kind as Kind, clone.id), this);
    }
    return clone;
  }
}
