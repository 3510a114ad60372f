import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { parseTrackData } from './constraints.js';
import { ArgumentError, InvalidStateError, UnsupportedError, describe } from './errors.js';
import { NativeTrack, hasEnded } from './NativeTrack.js';
import { SharedOpening } from './SharedOpening.js';
import { openSourceTrack } from './sources.js';
import type { WorkerProvider } from './WorkerProvider.js';

type Opening = Promise<NativeTrack>;

// Which native track a FakeMediaStreamTrack stands for, or what it waits for while its source opens.
const natives = new WeakMap<object, NativeTrack | Opening | SharedOpening<NativeTrack>>();

// What is being opened beside a track that is being opened itself.
const beside = new WeakMap<Opening, Opening[]>();

/** Ties a track to its native track: `enabled` and `stop()` go down, the end comes up. */
export function bindTrack(track: FakeMediaStreamTrack, native: NativeTrack): void {
  natives.set(track, native);
  native.onEnded((reason) => {
    // The standard `ended` event, unless stop() was what ended it.
    end(track, reason);
  });
  if (track.readyState === 'ended') {
    native.stop();
    return;
  }
  track.addEventListener('stopped', () => {
    native.stop();
  });
  track.addEventListener('enabledchange', () => {
    native.setEnabled(track.enabled);
  });
  if (!track.enabled) native.setEnabled(false);
}

/**
 * Ties a track to a native track that is being opened; if that fails, the track ends. What `original`
 * reads, if it is a clone of that, stays open meanwhile.
 */
export function bindOpeningTrack(
  track: FakeMediaStreamTrack,
  opening: Opening,
  original?: FakeMediaStreamTrack,
): void {
  const native = original && natives.get(original);
  if (native instanceof NativeTrack) native.hold(opening);
  else if (native instanceof Promise) beside.set(native, [...(beside.get(native) ?? []), opening]);
  natives.set(track, opening);
  opening.then(
    (native) => {
      // Before it is stopped, if it was meanwhile.
      for (const clone of beside.get(opening) ?? []) native.hold(clone);
      bindTrack(track, native);
    },
    (error: unknown) => {
      end(track, error as Error);
    },
  );
}

/** Ends a track. Why, unless that is its normal end, is `track.data.error` when `ended` fires. */
function end(track: FakeMediaStreamTrack, reason: Error | undefined): void {
  // The app's object may be frozen.
  if (reason && track.readyState === 'live') Reflect.set(track.data, 'error', reason);
  track.remoteStop();
}

/**
 * The native track that `track` stands for. If `track.data` names a source, it is opened; `signal` says
 * that the caller waits no longer, and the last of those that wait cancels the opening.
 *
 * @throws TypeError if the track is not a FakeMediaStreamTrack of a source or a consumer.
 * @throws InvalidStateError if the track has ended.
 * @throws NotFoundError, NotSupportedError and the like if its source cannot be opened.
 */
export async function nativeTrackOf(
  track: MediaStreamTrack,
  workers: WorkerProvider,
  signal?: AbortSignal,
): Promise<NativeTrack> {
  assertFakeTrack(track);
  const ended = endOf(track);
  if (ended) throw ended;
  const known = natives.get(track);
  if (known instanceof SharedOpening) {
    if (!known.cancelled) return await known.wait(signal);
  } else if (known) {
    return await known;
  }
  const { data } = track;
  if (data['sourceType'] === undefined) {
    if (data['remote'] === true) {
      throw new UnsupportedError(
        'track: a clone of a received track can neither be sent nor read: the track itself can, also more than once',
      );
    }
    throw new ArgumentError(
      'track.data.sourceType: expected "device", "file" or "url" (or a track of getUserMedia(), a generator ' +
        'or a consumer), got undefined' +
        (data['remote'] === false
          ? "; a clone of an EncodedTrackGenerator's track can not be sent: the track itself can, also more than once"
          : ''),
    );
  }
  const kind = track.kind === 'audio' ? 'audio' : 'video';
  const request = parseTrackData(kind, data);
  const opening = new SharedOpening(async (cancelled) => {
    try {
      return await openSourceTrack(workers, request, kind, track.id, cancelled);
    } catch (error) {
      throw endOf(track) ?? error;
    }
  });
  natives.set(track, opening);
  const cancel = (): void => {
    opening.cancel();
  };
  track.addEventListener('stopped', cancel);
  try {
    const native = await opening.wait(signal);
    if (opening.cancelled) {
      // It was open before it could be cancelled.
      native.stop();
      throw (
        endOf(track) ??
        new InvalidStateError('opening the source was cancelled', { code: 'ERR_CLOSED' })
      );
    }
    bindTrack(track, native);
    // What it opened ended at once: why, is what the caller is to hear.
    if (native.ended) throw native.reason ?? hasEnded(undefined);
    return native;
  } catch (error) {
    // So that the app can mend its source and try again, unless it does already.
    if (natives.get(track) === opening || !opening.cancelled) natives.delete(track);
    throw error;
  } finally {
    track.removeEventListener('stopped', cancel);
  }
}

/** Why a track that has ended, meanwhile, cannot be had. */
function endOf({ readyState, data }: FakeMediaStreamTrack): InvalidStateError | undefined {
  return readyState === 'ended' ? hasEnded(data['error']) : undefined;
}

function assertFakeTrack(track: unknown): asserts track is FakeMediaStreamTrack {
  const candidate = track as Partial<FakeMediaStreamTrack> | null | undefined;
  if (
    typeof candidate !== 'object' ||
    candidate === null ||
    typeof candidate.remoteStop !== 'function' ||
    typeof candidate.data !== 'object'
  ) {
    throw new ArgumentError(`track: expected a FakeMediaStreamTrack, got ${describe(track)}`);
  }
  if (candidate.kind !== 'audio' && candidate.kind !== 'video') {
    throw new ArgumentError(
      `track.kind: expected "audio" or "video", got ${describe(candidate.kind)}`,
    );
  }
}
