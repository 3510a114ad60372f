// Right arguments of what makes tracks.
import * as api from '../../../lib/index.js';
import { handlers, listening, one } from './right.js';
import type { Rights } from './right.js';
import { newAudioData, newVideoFrame } from './values.js';

export function ofGenerators({
  audio,
  video,
  coded: shared,
}: {
  audio: api.AudioTrackGenerator;
  video: api.VideoTrackGenerator;
  coded: api.EncodedTrackGenerator;
}): Rights {
  const coded = () => new api.EncodedTrackGenerator({ kind: 'audio', mimeType: 'audio/opus' });
  const chunk = () => ({
    data: new Uint8Array([0xfc, 0xff, 0xfe]),
    timestamp: 0,
    duration: 20_000,
  });
  const stop = (on: unknown): void => {
    (on as { track: MediaStreamTrack }).track.stop();
  };
  const avcc = () => new Uint8Array([1, 66, 0, 31, 255, 225, 0, 0, 1, 0, 0]);
  return {
    'AudioTrackGenerator.muted': one(() => [false], { on: () => audio }),
    'AudioTrackGenerator.write': one(() => [newAudioData()], {
      on: () => audio,
      after: () => {
        audio.clear();
      },
    }),
    'AudioTrackGenerator.writable': one(() => [newAudioData()], {
      on: () => new api.AudioTrackGenerator(),
      end: stop,
    }),
    VideoTrackGenerator: [
      { args: () => [{ hardwareAcceleration: 'prefer-hardware' }], after: stop },
    ],
    'VideoTrackGenerator.muted': one(() => [false], { on: () => video }),
    'VideoTrackGenerator.write': one(() => [newVideoFrame()], {
      on: () => new api.VideoTrackGenerator(),
      end: stop,
    }),
    'VideoTrackGenerator.writable': one(() => [newVideoFrame()], {
      on: () => new api.VideoTrackGenerator(),
      end: stop,
    }),
    EncodedTrackGenerator: [
      {
        args: () => [{ kind: 'video', mimeType: 'video/H264', description: avcc() }],
        after: stop,
      },
    ],
    'EncodedTrackGenerator.write': one(() => [chunk()], { on: coded, end: stop }),
    'EncodedTrackGenerator.writable': one(() => [chunk()], { on: coded, end: stop }),
    ...handlers('EncodedTrackGenerator', () => shared, 'keyframerequest', 'bitrateestimate'),
    ...listening('EncodedTrackGenerator', 'keyframerequest', () => shared),
  };
}
