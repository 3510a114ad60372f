// A track that the core has ended, before JavaScript is told so: a request with it is refused at once.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { hiddenWorkers } from '../../lib/hiddenWorkers.js';
import { MediaRecorder } from '../../lib/index.js';
import type { NativeTrack } from '../../lib/NativeTrack.js';
import { TrackReader } from '../../lib/TrackReader.js';
import { nativeTrackOf } from '../../lib/tracks.js';
import { Method } from '../../lib/wire.js';

async function open(t: TestContext, source: string, kind: 'audio' | 'video' = 'audio') {
  const track = new FakeMediaStreamTrack({
    kind,
    data: { sourceType: 'device', format: 'lavfi', sourceValue: source },
  });
  t.after(() => {
    track.stop();
  });
  return { track, native: await nativeTrackOf(track, hiddenWorkers) };
}

/** Blocks this thread until the core has ended a track: nothing is told meanwhile. */
function endUntold({ bridge, handle, ended }: NativeTrack): void {
  void bridge.request(handle, Method.TrackStop, {});
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (!bridge.isStale(handle)) Atomics.wait(nothing, 0, 0, 1);
  assert.equal(ended, false);
}

const hasEnded = { name: 'InvalidStateError', message: 'track: the track has ended' };

for (const [what, ask] of Object.entries({
  'which codecs it can be sent in': (native: NativeTrack) => native.checkCodecs([], false),
  'for a clone': (native: NativeTrack) => native.clone('another'),
  'for its frames': (native: NativeTrack) => TrackReader.open(native, { kind: 'audio' } as never),
})) {
  test(`a track that has ended says so where it is asked ${what}, before its end is told`, async (t) => {
    const { native } = await open(t, 'sine=440:r=48000');
    endUntold(native);
    await assert.rejects(ask(native), hasEnded);
    assert.equal(native.ended, true);
  });
}

test('what fails for another reason is told at once, while the track is live', async (t) => {
  const { native } = await open(t, 'sine=440:r=48000');
  const { bridge } = native;
  const refused = bridge.request(native.handle + 1, Method.TrackCheckCodecs, {
    codecs: [],
    simulcast: false,
  });
  await assert.rejects(native.untilEnded(refused), { code: 'ERR_STALE_HANDLE' });
  assert.equal(native.ended, false);
});

test('a recording leaves out what has ended before its end is told', async (t) => {
  const gone = await open(t, 'sine=440:r=48000');
  const live = await open(t, 'sine=880:r=48000');
  for (const tracks of [
    [gone.track, live.track],
    [live.track, gone.track],
  ]) {
    // The second time its end has been told.
    if (!gone.native.ended) endUntold(gone.native);
    const recorder = new MediaRecorder(tracks, { mimeType: 'audio/ogg' });
    recorder.start();
    await once(recorder as never, 'start');
    await recorder.stop();
  }
});
