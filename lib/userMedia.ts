import { isDeepStrictEqual } from 'node:util';
import { AiortcMediaStream } from './AiortcMediaStream.js';
import { isShareable } from './constraints.js';
import type { SourceRequest, StreamRequest } from './constraints.js';
import { SourceTrack } from './SourceTrack.js';
import { openSource } from './sources.js';
import type { SourceTracks } from './sources.js';
import type { WorkerProvider } from './WorkerProvider.js';

/**
 * Opens the sources that are asked for and makes a stream of their tracks. Audio and video
 * of the same file, URL or filter graph are opened as one, and share its clock; a microphone and a
 * camera are always two.
 *
 * @throws TypeError, UnsupportedError, OverconstrainedError, NotFoundError, NotSupportedError or NetworkError.
 */
export async function openUserMedia(
  workers: WorkerProvider,
  { audio, video }: StreamRequest,
): Promise<AiortcMediaStream> {
  if (audio && video && isShareable(audio) && isSameSource(audio, video)) {
    const both = await openSource(workers, video, { audio: true, video: true });
    return new AiortcMediaStream(tracksOf(workers, video, both));
  }
  // Side by side; the first that fails cancels the other.
  const failing = new AbortController();
  const opening = (
    [
      ['audio', audio],
      ['video', video],
    ] as const
  ).map(async ([kind, request]) => {
    if (!request) return [];
    try {
      const source = await openSource(workers, request, { [kind]: true }, failing.signal);
      return tracksOf(workers, request, source);
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  });
  const settled = await Promise.allSettled(opening);
  const tracks = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (failing.signal.aborted) {
    for (const track of tracks) track.stop();
    throw failing.signal.reason;
  }
  return new AiortcMediaStream(tracks);
}

/** What encodes is chosen for each track. */
const isSameSource = (audio: SourceRequest, video: SourceRequest): boolean =>
  isDeepStrictEqual({ ...audio, hardware: true }, { ...video, hardware: true });

function tracksOf(
  workers: WorkerProvider,
  request: SourceRequest,
  { playerId, audio, video }: SourceTracks,
): SourceTrack[] {
  const origin = { workers, request, playerId };
  const tracks: SourceTrack[] = [];
  if (audio) tracks.push(SourceTrack.of('audio', audio, origin));
  if (video) tracks.push(SourceTrack.of('video', video, origin));
  return tracks;
}
