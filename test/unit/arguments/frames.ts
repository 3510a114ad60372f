// Right arguments of frames, and of what is made of plain values.
import * as api from '../../../lib/index.js';
import { closeIt, one } from './right.js';
import type { Rights } from './right.js';

export function ofErrors(): Rights {
  const details = () => ({ code: 'ERR_X', cause: new Error('cause') });
  const names = Object.keys(api).filter((name) => name.endsWith('Error'));
  return {
    ...Object.fromEntries(names.map((name) => [name, one(() => ['message', details()])])),
    OverconstrainedError: one(() => ['width', 'message', details()]),
    WorkerDiedError: one(() => ['message', 'stack']),
    BlobEvent: one(() => ['dataavailable', new Blob(['x']), 1]),
    RecorderErrorEvent: one(() => [new Error('x')]),
    BitrateEstimateEvent: one(() => [1000]),
    AudioLevelEvent: one(() => [0.5, true, 1, 2]),
    VoiceActivityEvent: one(() => [true, 1]),
  };
}

export function ofFrames(): Rights {
  const layout = () => [
    { offset: 0, stride: 16 },
    { offset: 256, stride: 8 },
    { offset: 320, stride: 8 },
  ];
  const picture = () => ({
    format: 'I420',
    codedWidth: 16,
    codedHeight: 16,
    timestamp: 1,
    duration: 2,
    layout: layout(),
    rotation: 90,
    colorSpace: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: true },
    visibleRect: { x: 0, y: 0, width: 16, height: 16 },
    displayWidth: 16,
    displayHeight: 16,
  });
  const part = () => ({
    rect: { x: 0, y: 0, width: 16, height: 16 },
    layout: layout(),
    format: 'I420',
  });
  const converted = () => ({
    rect: { x: 0, y: 0, width: 8, height: 8 },
    layout: [{ offset: 4, stride: 40 }],
    format: 'RGBA',
  });
  const again = () => ({
    timestamp: 1,
    duration: 2,
    visibleRect: { x: 0, y: 0, width: 8, height: 8 },
    displayWidth: 32,
    displayHeight: 16,
  });
  const i420 = () => new api.VideoFrame(new Uint8Array(384), picture() as never);
  const sound = () => ({
    format: 's16',
    sampleRate: 48_000,
    numberOfFrames: 10,
    numberOfChannels: 2,
    timestamp: 0,
    data: new Int16Array(20),
  });
  const plane = () => ({ planeIndex: 0, frameOffset: 1, frameCount: 9, format: 's16-planar' });
  const closeOn = { end: closeIt };
  return {
    VideoFrame: [
      { args: () => [new Uint8Array(384), picture()], after: closeIt },
      { args: () => [i420(), again()], after: closeIt },
    ],
    'VideoFrame.allocationSize': [
      { on: i420, args: () => [part()], ...closeOn },
      { on: i420, args: () => [converted()], ...closeOn },
    ],
    'VideoFrame.copyTo': [
      { on: i420, args: () => [new Uint8Array(384), part()], ...closeOn },
      { on: i420, args: () => [new Uint8Array(1000), converted()], ...closeOn },
    ],
    AudioData: one(() => [sound()], { after: closeIt }),
    'AudioData.allocationSize': one(() => [plane()], {
      on: () => new api.AudioData(sound() as never),
      ...closeOn,
    }),
    'AudioData.copyTo': one(() => [new Uint8Array(20), plane()], {
      on: () => new api.AudioData(sound() as never),
      ...closeOn,
    }),
  };
}
