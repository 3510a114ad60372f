// Right arguments of what opens sources, and what reads them.
import path from 'node:path';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import * as api from '../../../lib/index.js';
import type { AiortcMediaStreamTrack } from '../../../lib/index.js';
import { closeIt, handlers, listening, noop, one, stopTracks } from './right.js';
import type { Right, Rights } from './right.js';

export const pattern = (more: object = {}) => ({
  source: 'device',
  device: 'testsrc=size=64x64:rate=50',
  format: 'lavfi',
  options: {},
  timeout: 5,
  loop: false,
  decode: true,
  ...more,
});

/** What of W3C's constraints can be met without any device too: whether it is, is for the system to say. */
const deviceConstraints = () => {
  const numbers = () => ({ exact: undefined, ideal: 1, min: 1, max: 1_000_000 });
  const texts = () => ({ exact: undefined, ideal: 'x' });
  const flags = () => ({ exact: false, ideal: false });
  return {
    deviceId: texts(),
    groupId: texts(),
    width: numbers(),
    height: numbers(),
    aspectRatio: numbers(),
    frameRate: numbers(),
    facingMode: { ideal: 'user' },
    resizeMode: { ideal: 'none' },
    sampleRate: numbers(),
    channelCount: numbers(),
    sampleSize: { ideal: 16 },
    latency: { ideal: 0.02 },
    echoCancellation: flags(),
    noiseSuppression: flags(),
    autoGainControl: flags(),
  };
};

export function ofSources(worker: api.Worker, folder: string): Rights {
  const sources = (): [() => object, string?][] => [
    [() => pattern()],
    [() => ({ source: 'file', file: path.join(folder, 'none.mp4'), timeout: 1 }), 'no such file'],
    [() => ({ source: 'url', url: 'http://127.0.0.1:1/', timeout: 1 }), 'nobody listens there'],
  ];
  const media = sources().map(([make, unlikely]): Right => ({
    args: () => [{ audio: false, video: make() }],
    after: stopTracks,
    ...(unlikely === undefined ? {} : { unlikely }),
  }));
  const sound: Right = {
    args: () => [{ audio: pattern({ device: 'sine' }), video: false }],
    after: stopTracks,
  };
  return {
    'Worker.getUserMedia': [...media, sound].map((right) => ({ ...right, on: () => worker })),
    'MediaDevices.getUserMedia': [
      { ...sound, on: () => api.mediaDevices },
      ...['audio', 'video'].map((kind) => ({
        on: () => api.mediaDevices,
        args: () => [{ [kind]: deviceConstraints() }],
        after: stopTracks,
        unlikely: 'there may be no devices',
        within: kind,
      })),
    ],
    'MediaDevices.getDisplayMedia': one(
      () => [
        {
          video: {
            width: { ideal: 64 },
            height: { ideal: 64 },
            frameRate: { ideal: 5 },
            display: '127.0.0.1:77',
          },
          audio: false,
        },
      ],
      { on: () => api.mediaDevices, after: stopTracks, unlikely: 'there may be no screen' },
    ),
    ...handlers('MediaDevices', () => api.mediaDevices, 'devicechange'),
    ...listening('MediaDevices', 'devicechange', () => api.mediaDevices),
  };
}

export function ofReading(track: AiortcMediaStreamTrack, folder: string): Rights {
  const video = () => ({ width: 32, height: 32, format: 'RGBA', maxFrameRate: 100 });
  const audio = () => ({
    sampleRate: 16_000,
    numberOfChannels: 1,
    format: 's16',
    frameDuration: 10_000,
  });
  const cancel = async (made: unknown): Promise<void> => {
    await (made as api.MediaStreamTrackProcessor).readable.cancel();
  };
  const recorder = () => new api.MediaRecorder(track, { mimeType: 'video/webm' });
  const shared = recorder();
  let files = 0;
  return {
    MediaStreamTrackProcessor: [
      { args: () => [{ track, maxBufferSize: 2, video: video() }], after: cancel },
      {
        args: () => [
          { track: new FakeMediaStreamTrack({ kind: 'audio' }), maxBufferSize: 2, audio: audio() },
        ],
        after: cancel,
      },
    ],
    grabFrame: one(() => [track, { ...video(), timeout: 5000 }], { after: closeIt }),
    ImageCapture: one(() => [track]),
    'ImageCapture.grabFrame': one(() => [{ ...video(), timeout: 5000 }], {
      on: () => new api.ImageCapture(track),
      after: closeIt,
    }),
    MediaRecorder: [
      {
        args: () => [
          [track],
          {
            mimeType: 'video/webm;codecs=vp8',
            file: path.join(folder, `${files++}.webm`),
            videoBitsPerSecond: 100_000,
            audioBitsPerSecond: 20_000,
          },
        ],
      },
    ],
    'MediaRecorder.isTypeSupported': one(() => ['video/webm']),
    'MediaRecorder.start': one(() => [50], {
      on: recorder,
      end: (made) => (made as api.MediaRecorder).stop().catch(noop),
    }),
    ...handlers(
      'MediaRecorder',
      () => shared,
      ...['start', 'stop', 'dataavailable', 'pause', 'resume', 'error'],
    ),
  };
}

export function ofStreams(): Rights {
  const track = new FakeMediaStreamTrack({ kind: 'audio', data: { remote: false } });
  const stream = new api.AiortcMediaStream([track]);
  return {
    AiortcMediaStream: one(() => [[track]]),
    ...handlers('AiortcMediaStream', () => stream, 'addtrack', 'removetrack', 'close'),
    ...listening('AiortcMediaStream', 'close', () => stream),
    'AiortcMediaStream.getTrackById': one(() => [track.id], { on: () => stream }),
    'AiortcMediaStream.addTrack': one(() => [track], { on: () => stream }),
    'AiortcMediaStream.removeTrack': one(() => [track], { on: () => stream }),
  };
}
