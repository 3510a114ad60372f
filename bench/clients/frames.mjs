// Pictures and sound in and out of the two packages that can, behind one shape.
import { createRequire } from 'node:module';
import path from 'node:path';
import { peersDir } from '../peers/setup.mjs';

export const RATE = 48_000;
/** Samples of 20 ms. */
export const PIECE = RATE / 50;

/**
 * @typedef {{
 *   makeDevice: () => import('mediasoup-client').types.Device,
 *   soundSource: () => { track: MediaStreamTrack, write: (samples: Int16Array) => unknown },
 *   onSound: (track: MediaStreamTrack, listener: (samples: Int16Array) => void) => () => unknown,
 *   pictureSource: () => { track: MediaStreamTrack, write: (i420: Uint8Array, width: number, height: number) => unknown },
 *   onPicture: (track: MediaStreamTrack, listener: (picture: any) => void, options?: object) => () => unknown,
 * }} Frames samples are of one channel and 16 bits; `onSound` and `onPicture` give what ends them. A picture is what the
 * package has, which is closed after `listener`
 */

/** @type {Record<'ours' | 'wrtc', () => Promise<Frames>>} */
const loaders = {
  async ours() {
    const ours = await import('../../dist/index.mjs');
    const { Device } = await import('mediasoup-client');
    const handlerFactory = ours.createFactory();
    return {
      makeDevice: () => new Device({ handlerFactory }),
      soundSource() {
        const generator = new ours.AudioTrackGenerator();
        const common = { format: 's16', sampleRate: RATE, numberOfChannels: 1, timestamp: 0 };
        const write = (data) =>
          generator.write(new ours.AudioData({ ...common, numberOfFrames: data.length, data }));
        return { track: generator.track, write };
      },
      onSound: (track, listener) =>
        readEach(new ours.MediaStreamTrackProcessor({ track }), (sound) => {
          const samples = new Int16Array(sound.numberOfFrames);
          sound.copyTo(samples, { planeIndex: 0, format: 's16-planar' });
          listener(samples);
        }),
      pictureSource() {
        const generator = new ours.VideoTrackGenerator();
        const write = (data, codedWidth, codedHeight) =>
          generator.write(
            new ours.VideoFrame(data, {
              format: 'I420',
              codedWidth,
              codedHeight,
              timestamp: performance.now() * 1000,
            }),
          );
        return { track: generator.track, write };
      },
      onPicture: (track, listener, video = {}) =>
        readEach(new ours.MediaStreamTrackProcessor({ track, video }), listener),
    };
  },
  async wrtc() {
    const require = createRequire(path.join(peersDir, 'package.json'));
    const wrtc = require('@roamhq/wrtc');
    // mediasoup-client's Chrome handler takes WebRTC from the globals, as in a browser.
    const entries = Object.entries(wrtc).filter(([, value]) => value !== undefined);
    Object.assign(globalThis, Object.fromEntries(entries));
    // Its finalizers end the process the hard way, with a stack.
    process.once('exit', () => process.kill(process.pid, 'SIGKILL'));
    const { Device } = require('mediasoup-client');
    const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;
    return {
      makeDevice: () => new Device({ handlerName: 'Chrome111' }),
      soundSource() {
        const source = new RTCAudioSource();
        // It takes 10 ms at a time.
        const numberOfFrames = RATE / 100;
        const common = { sampleRate: RATE, bitsPerSample: 16, channelCount: 1, numberOfFrames };
        const write = (data) => {
          for (let at = 0; at < data.length; at += numberOfFrames) {
            source.onData({ ...common, samples: data.slice(at, at + numberOfFrames) });
          }
        };
        return { track: source.createTrack(), write };
      },
      onSound(track, listener) {
        const sink = new RTCAudioSink(track);
        sink.ondata = ({ samples, channelCount }) => {
          listener(channelCount === 1 ? samples : samples.filter((_, i) => i % channelCount === 0));
        };
        return () => sink.stop();
      },
      pictureSource() {
        const source = new RTCVideoSource();
        const write = (data, width, height) => source.onFrame({ width, height, data });
        return { track: source.createTrack(), write };
      },
      onPicture(track, listener) {
        const sink = new RTCVideoSink(track);
        sink.onframe = ({ frame }) => listener(frame);
        return () => sink.stop();
      },
    };
  },
};

/** @param {'ours' | 'wrtc'} client */
export const loadFrames = (client) => loaders[client]();

/** Reads until the function that it gives is called. */
function readEach({ readable }, listener) {
  const reader = readable.getReader();
  const ended = (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      listener(value);
      value.close();
    }
  })();
  return async () => {
    await reader.cancel();
    await ended;
  };
}
