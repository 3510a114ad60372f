import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { FactoryWorkers } from '../../lib/FactoryWorkers.js';
import { createWorker } from '../../lib/index.js';
import type { AiortcMediaStreamTrack, Worker } from '../../lib/index.js';
import { nativeTrackOf } from '../../lib/tracks.js';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

const limit = { timeout: 20_000 };
const file = (name: string, options: object = {}) => ({
  source: 'file' as const,
  file: fixturePath(name),
  ...options,
});

async function until(what: string, holds: () => unknown): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what}: not in time`);
    await delay(10);
  }
}

function fakeTrack(kind: string, data?: Record<string, unknown>): FakeMediaStreamTrack {
  return new FakeMediaStreamTrack({ kind, ...(data ? { data } : {}) });
}

describe('tracks of getUserMedia()', limit, () => {
  let worker: Worker;
  before(async () => {
    worker = await createWorker();
  });
  after(() => {
    worker.close();
  });

  const players = async (): Promise<number> => (await worker.dump()).players.length;
  const videoTrack = async (options?: object): Promise<AiortcMediaStreamTrack> => {
    const stream = await worker.getUserMedia({
      video: file('blue.mp4', { loop: true, ...options }),
    });
    const [track] = stream.getVideoTracks();
    assert.ok(track);
    return track;
  };

  it('name their source as dump() does', async () => {
    const constraint = file('red-440hz.mp4', { loop: true });
    const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
    const { players } = await worker.dump();
    assert.equal(players.length, 1);
    for (const track of stream.getTracks()) {
      assert.deepEqual(track.data, { playerId: players[0]?.id, remote: false });
      assert.equal(track.readyState, 'live');
    }
    assert.equal(players[0]?.audioTrack?.kind, 'audio');
    assert.equal(players[0].videoTrack?.readyState, 'live');
    stream.close();
    await until('the file to close', async () => (await worker.dump()).players.length === 0);
  });

  it('refuse a file without the track that is wanted, and leave nothing open', async () => {
    await assert.rejects(
      worker.getUserMedia({ audio: file('blue.mp4'), video: file('red-440hz.mp4') }),
      { name: 'NotSupportedError', message: /audio/ },
    );
    await assert.rejects(
      worker.getUserMedia({
        video: file('red-440hz.mp4'),
        audio: file('blue.mp4', { loop: true }),
      }),
      { name: 'NotSupportedError', message: /audio/ },
    );
    await until('files to close', async () => (await players()) === 0);
  });

  it('clone into tracks that stop on their own; the last stop closes the source', async () => {
    const track = await videoTrack();
    const clone = track.clone();
    const cloneOfClone = clone.clone({ id: 'mine' });
    assert.notEqual(clone.id, track.id);
    assert.equal(cloneOfClone.id, 'mine');
    assert.equal(clone.data.playerId, track.data.playerId);
    track.stop();
    assert.equal(clone.readyState, 'live');
    clone.stop();
    assert.equal(await players(), 1);
    cloneOfClone.stop();
    await until('the file to close', async () => (await players()) === 0);
    assert.equal(track.clone().readyState, 'ended');
  });

  it('fire ended at the end of the source, and not on stop()', async () => {
    const track = await videoTrack();
    track.onended = (): void => assert.fail('ended after stop()');
    track.stop();
    const dying = await createWorker();
    const stream = await dying.getUserMedia({ video: file('blue.mp4', { loop: true }) });
    const [other] = stream.getVideoTracks();
    assert.ok(other);
    const ended = new Promise((resolve) => {
      other.onended = resolve;
    });
    const closed = once(dying as never, 'subprocessclose');
    dying.close();
    await Promise.all([ended, closed]);
    assert.equal(other.readyState, 'ended');
  });
});

describe('tracks that name their source', limit, () => {
  const workers = new FactoryWorkers('none');
  const source = (options: object = {}): Record<string, unknown> => ({
    sourceType: 'file',
    sourceValue: fixturePath('blue.mp4'),
    loop: true,
    ...options,
  });

  it('are opened once, and share their source with other tracks of the factory', async () => {
    const [one, two] = [fakeTrack('video', source()), fakeTrack('video', source())];
    const [first, again, other] = await Promise.all([
      nativeTrackOf(one, workers),
      nativeTrackOf(one, workers),
      nativeTrackOf(two, workers),
    ]);
    assert.equal(first, again);
    assert.notEqual(first, other);
    const lease = workers.acquire();
    const { core } = lease;
    assert.equal((await core.dump()).players.length, 1);
    one.stop();
    two.stop();
    await until('the file to close', async () => (await core.dump()).players.length === 0);
    await assert.rejects(nativeTrackOf(one, workers), { name: 'InvalidStateError' });
    lease.release();
    await until('the hidden worker to close', () => core.ended);
    const next = workers.acquire();
    assert.notEqual(next.core, core);
    next.release();
  });

  it('can be tried again after a failure', async () => {
    const track = fakeTrack('video', source({ sourceValue: '/none/such' }));
    await assert.rejects(nativeTrackOf(track, workers), { name: 'NotFoundError' });
    track.data = source();
    await nativeTrackOf(track, workers);
    assert.equal(track.readyState, 'live');
    track.stop();
  });

  it('are refused by name when they name none', async () => {
    const remote = fakeTrack('video', { remote: true });
    await assert.rejects(nativeTrackOf(remote, workers), { name: 'UnsupportedError' });
    await assert.rejects(nativeTrackOf(fakeTrack('video'), workers), {
      name: 'TypeError',
      message: /track\.data\.sourceType: expected .* got undefined/,
    });
    await assert.rejects(nativeTrackOf(fakeTrack('text', source()), workers), {
      name: 'TypeError',
      message: /track\.kind: expected .* got "text"/,
    });
    await assert.rejects(nativeTrackOf({} as MediaStreamTrack, workers), {
      name: 'TypeError',
      message: /expected a FakeMediaStreamTrack/,
    });
  });
});
