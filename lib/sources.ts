import type { SourceRequest } from './constraints.js';
import { NativeTrack } from './NativeTrack.js';
import { NotSupportedError } from './errors.js';
import { sourceName } from './sourceName.js';
import type { WorkerProvider } from './WorkerProvider.js';

/** Tracks of an opened source. `playerId` is the source's id in `dump()`. */
export type SourceTracks = {
  playerId: string;
  audio?: NativeTrack;
  video?: NativeTrack;
};

/**
 * Opens tracks of a source. The worker is held until they have ended. `signal` cancels it while it opens.
 *
 * @throws NotFoundError if there is no such file, NotSupportedError if it cannot be decoded or has
 *   no track of a kind that is wanted.
 */
export async function openSource(
  workers: WorkerProvider,
  request: SourceRequest,
  { audio = false, video = false, trackId }: { audio?: boolean; video?: boolean; trackId?: string },
  signal?: AbortSignal,
): Promise<SourceTracks> {
  const lease = workers.acquire();
  try {
    const id = trackId === undefined ? {} : { trackId };
    const opened = await lease.core.openSource({ ...request, audio, video, ...id }, signal);
    const result: SourceTracks = { playerId: opened.playerId };
    for (const kind of ['audio', 'video'] as const) {
      const track = opened[kind];
      if (track) result[kind] = new NativeTrack(lease.core.bridge, track.handle, track.id);
    }
    releaseAtEnd(result, () => {
      lease.release();
    });
    for (const [kind, wanted] of [
      ['audio', audio],
      ['video', video],
    ] as const) {
      if (wanted && !result[kind]) {
        stopAll(result);
        throw missing(request, kind);
      }
    }
    return result;
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** Opens one track of a source, as {@link openSource} does, for the app's track of that id. */
export async function openSourceTrack(
  workers: WorkerProvider,
  request: SourceRequest,
  kind: 'audio' | 'video',
  trackId: string,
  signal?: AbortSignal,
): Promise<NativeTrack> {
  const { [kind]: track } = await openSource(workers, request, { [kind]: true, trackId }, signal);
  if (!track) throw missing(request, kind);
  return track;
}

/** Stops the tracks that were opened. */
function stopAll({ audio, video }: SourceTracks): void {
  audio?.stop();
  video?.stop();
}

function missing(request: SourceRequest, kind: string): NotSupportedError {
  return new NotSupportedError(`${sourceName(request.value)}: there is no ${kind} track in it`);
}

function releaseAtEnd({ audio, video }: SourceTracks, release: () => void): void {
  let live = 0;
  for (const native of [audio, video]) {
    if (!native) continue;
    live += 1;
    native.onEnded(() => {
      live -= 1;
      if (live === 0) release();
    });
  }
}
