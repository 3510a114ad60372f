import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { AiortcMediaStream } from '../../lib/index.js';

function track(kind: 'audio' | 'video'): FakeMediaStreamTrack<{ remote: boolean }> {
  return new FakeMediaStreamTrack({ kind, data: { remote: false } });
}

describe('AiortcMediaStream', () => {
  it('has a UUID, and tracks by kind and id', () => {
    const audio = track('audio');
    const video = track('video');
    const stream = new AiortcMediaStream([audio, video]);
    assert.match(stream.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(stream.getTracks(), [audio, video]);
    assert.deepEqual(stream.getAudioTracks(), [audio]);
    assert.deepEqual(stream.getVideoTracks(), [video]);
    assert.equal(stream.getTrackById(video.id), video);
    assert.equal(stream.getTrackById('none'), null);
  });

  it('is active while a track is live', () => {
    const [audio, video] = [track('audio'), track('video')];
    const stream = new AiortcMediaStream([audio, video]);
    audio.stop();
    assert.equal(stream.active, true);
    video.stop();
    assert.equal(stream.active, false);
  });

  it('adds a track once and removes it without stopping it', () => {
    const audio = track('audio');
    const stream = new AiortcMediaStream([]);
    stream.onaddtrack = stream.onremovetrack = (): void => assert.fail('W3C fires no event here');
    stream.addTrack(audio);
    stream.addTrack(audio);
    assert.deepEqual(stream.getTracks(), [audio]);
    stream.removeTrack(audio);
    stream.removeTrack(audio);
    assert.deepEqual(stream.getTracks(), []);
    assert.equal(audio.readyState, 'live');
  });

  it('refuses what is not a track', () => {
    const stream = new AiortcMediaStream([]);
    const wrong = { kind: 'audio' } as unknown as FakeMediaStreamTrack<{ remote: boolean }>;
    assert.throws(() => {
      stream.addTrack(wrong);
    }, /^TypeError: track: expected a FakeMediaStreamTrack, got an object/);
  });

  it('clones into a stream whose tracks stop on their own', () => {
    const stream = new AiortcMediaStream([track('audio'), track('video')]);
    const clone = stream.clone();
    assert.notEqual(clone.id, stream.id);
    assert.deepEqual(
      clone.getTracks().map(({ kind }) => kind),
      ['audio', 'video'],
    );
    clone.getTracks()[0]?.stop();
    assert.equal(stream.getTracks()[0]?.readyState, 'live');
    assert.notEqual(clone.getTracks()[1]?.id, stream.getTracks()[1]?.id);
  });

  it('stops its tracks on close(), and fires close once', () => {
    const stream = new AiortcMediaStream([track('audio'), track('video')]);
    const fired: string[] = [];
    stream.onclose = ({ type }): void => void fired.push(`attribute ${type}`);
    stream.addEventListener('close', ({ type }) => fired.push(`listener ${type}`));
    stream.close();
    stream.close();
    assert.deepEqual(fired, ['attribute close', 'listener close']);
    assert.equal(stream.active, false);
  });
});
