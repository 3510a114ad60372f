import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { whenProduced } from '../../handler/producing.js';

const newTrack = (): FakeMediaStreamTrack => new FakeMediaStreamTrack({ kind: 'audio' });
const nothing = (): undefined => undefined;
const isShadowed = (track: object): boolean => Object.hasOwn(track, 'addEventListener');

describe('whenProduced()', () => {
  it('begins once, with the first listener for the end, which is told of the end', () => {
    const track = newTrack();
    let [begun, ended] = [0, 0];
    whenProduced(track, () => (begun += 1));
    track.addEventListener('mute', nothing);
    assert.equal(begun, 0);
    track.addEventListener('ended', () => (ended += 1));
    track.addEventListener('ended', nothing);
    assert.equal(begun, 1);
    assert.ok(!isShadowed(track));
    track.remoteStop();
    assert.equal(ended, 1);
  });

  it('begins after 10 s, which it warns of, and does not keep the process', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const track = newTrack();
    let begun = 0;
    whenProduced(track, () => (begun += 1));
    t.mock.timers.tick(9999);
    assert.equal(begun, 0);
    t.mock.timers.tick(1);
    assert.equal(begun, 1);
    assert.ok(!isShadowed(track));
  });

  it('does not begin after it was stopped, as often as it was', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const track = newTrack();
    let begun = 0;
    const stop = whenProduced(track, () => (begun += 1));
    stop();
    assert.ok(!isShadowed(track));
    const stopOther = whenProduced(track, nothing);
    stop();
    assert.ok(isShadowed(track));
    stopOther();
    track.addEventListener('ended', nothing);
    t.mock.timers.tick(20_000);
    assert.equal(begun, 0);
  });

  it('begins with all that wait for one track, and leaves one that was stopped', () => {
    const track = newTrack();
    const begun: string[] = [];
    whenProduced(track, () => begun.push('first'));
    const stop = whenProduced(track, () => begun.push('stopped'));
    whenProduced(track, () => begun.push('last'));
    stop();
    track.addEventListener('ended', nothing);
    assert.deepEqual(begun, ['first', 'last']);
    assert.ok(!isShadowed(track));
  });

  it('leaves a method that the app has put there, before or meanwhile', () => {
    for (const moment of ['before', 'meanwhile']) {
      const track = newTrack();
      const seen: string[] = [];
      let begun = 0;
      const wrap = (): void => {
        const inner = track.addEventListener.bind(track);
        track.addEventListener = (type, listener): void => {
          seen.push(type);
          inner(type, listener);
        };
      };
      if (moment === 'before') wrap();
      whenProduced(track, () => (begun += 1));
      if (moment === 'meanwhile') wrap();
      track.addEventListener('ended', nothing);
      track.addEventListener('ended', nothing);
      assert.deepEqual(seen, ['ended', 'ended'], moment);
      assert.equal(begun, 1, moment);
    }
  });

  it('begins at once with a track that is frozen: nothing can be seen of it', () => {
    let begun = 0;
    whenProduced(Object.freeze(newTrack()), () => (begun += 1))();
    assert.equal(begun, 1);
  });
});
