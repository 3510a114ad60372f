// Every kind of source that a bot sends.
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import {
  AudioData,
  AudioTrackGenerator,
  EncodedTrackGenerator,
  VideoFrame,
  VideoTrackGenerator,
} from 'mediasoup-client-pion';
import type { AiortcMediaTrackConstraints, Worker } from 'mediasoup-client-pion';
import { fileTrack, fixture } from '../e2e/session.js';
import { codedPictures, codedSound } from '../e2e/support/coded-frames.mjs';
import type { Bot } from './bot.js';
import type { Chance } from './chance.js';

export type Source = {
  name: string;
  track: MediaStreamTrack;
  /** What it is sent in: any, unless it is coded. */
  mimeType?: string;
  /** Whether it may be sent in several encodings. */
  plain: boolean;
  /** Whether something is sent while its track is disabled. */
  sendsDisabled: boolean;
  /** Ends the track, and who writes it. */
  stop(): void;
};

/** What sources are opened with. */
type Means = { worker: Worker | undefined; url: string; chance: Chance };

export const meansOf = ({ worker, world }: Bot, chance: Chance): Means => ({
  ...{ worker, chance },
  url: world.server.url(TONE),
});

const TONE = 'red-440hz.mp4';
const FRAME_RATE = 10;

/** Made once: an encoder runs for each. */
const coded = {
  'video/VP8': codedPictures('video/VP8').frames,
  'video/H264': codedPictures('video/H264').frames,
  'audio/opus': codedSound(),
};

const makers: Record<
  'audio' | 'video',
  Record<string, (means: Means) => Promise<Source> | Source>
> = {
  audio: {
    file: () => named('file', fileTrack('audio', TONE, { loop: true })),
    url: ({ url }) => named('url', urlTrack('audio', url)),
    tone: (means) => opened('tone', 'audio', 'sine=frequency=440:sample_rate=48000', means),
    'file by getUserMedia': (means) => openedFile('audio', means),
    generator: () => {
      const generator = new AudioTrackGenerator();
      return written('generator', generator, 20, (number) => generator.write(sound(number)));
    },
    encoder: () => encoder('audio', 'audio/opus', 50),
  },
  video: {
    file: () => named('file', fileTrack('video', TONE, { loop: true })),
    url: ({ url }) => named('url', urlTrack('video', url)),
    pattern: (means) =>
      opened('pattern', 'video', `testsrc2=size=160x120:rate=${FRAME_RATE}`, means),
    'file by getUserMedia': (means) => openedFile('video', means),
    passthrough: () => ({
      ...named('passthrough', fileTrack('video', TONE, { loop: true, decode: false })),
      mimeType: 'video/H264',
      plain: false,
    }),
    generator: () => {
      const generator = new VideoTrackGenerator();
      return written('generator', generator, 1000 / FRAME_RATE, (number) =>
        generator.write(picture(number)),
      );
    },
    'encoder of VP8': () => encoder('video', 'video/VP8', 15),
    'encoder of H264': () => encoder('video', 'video/H264', 15),
  },
};

/** Opens one of the kind, whichever. */
export async function openSource(kind: 'audio' | 'video', means: Means): Promise<Source> {
  const name = means.chance.of(Object.keys(makers[kind]));
  const make = makers[kind][name];
  if (!make) throw new Error(`${name} is no source`);
  return { ...(await make(means)), name: `${kind} of ${name}` };
}

function named(name: string, track: MediaStreamTrack): Source {
  return {
    ...{ name, track, plain: true, sendsDisabled: true },
    stop() {
      track.stop();
    },
  };
}

function urlTrack(kind: 'audio' | 'video', url: string): MediaStreamTrack {
  const data = { sourceType: 'url', sourceValue: url, loop: true };
  return new FakeMediaStreamTrack({ kind, data });
}

/** Of the Worker where there is one; else as a track that names it. */
async function opened(
  name: string,
  kind: 'audio' | 'video',
  graph: string,
  { worker }: Means,
): Promise<Source> {
  if (!worker) {
    const data = { sourceType: 'device', format: 'lavfi', sourceValue: graph };
    return named(name, new FakeMediaStreamTrack({ kind, data }));
  }
  return await userMedia(name, kind, worker, { source: 'device', format: 'lavfi', device: graph });
}

async function openedFile(kind: 'audio' | 'video', { worker }: Means): Promise<Source> {
  const name = 'file by getUserMedia';
  if (!worker) return named(name, fileTrack(kind, TONE, { loop: true }));
  return await userMedia(name, kind, worker, { source: 'file', file: fixture(TONE), loop: true });
}

async function userMedia(
  name: string,
  kind: 'audio' | 'video',
  worker: Worker,
  constraints: AiortcMediaTrackConstraints,
): Promise<Source> {
  const stream = await worker.getUserMedia({ [kind]: constraints });
  const [track] = stream.getTracks();
  if (!track) throw new Error(`${name}: no track`);
  return named(name, track);
}

/** Written by this process in real time until its track ends. */
function written(
  name: string,
  generator: { track: MediaStreamTrack },
  everyMs: number,
  write: (number: number) => Promise<void>,
): Source {
  const { track } = generator;
  let number = 0;
  const timer = setInterval(() => {
    if (track.readyState === 'ended') {
      clearInterval(timer);
      return;
    }
    write(number++).catch((error: unknown) => {
      // It may end while a write waits.
      if (track.readyState !== 'ended') throw error;
    });
  }, everyMs);
  return {
    ...named(name, track),
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}

function encoder(kind: 'audio' | 'video', mimeType: keyof typeof coded, perSecond: number): Source {
  const generator = new EncodedTrackGenerator({ kind, mimeType });
  const frames = coded[mimeType];
  const source = written(mimeType, generator, 1000 / perSecond, (number) =>
    generator.write({
      data: frames[number % frames.length] ?? Buffer.alloc(0),
      timestamp: (number * 1e6) / perSecond,
    }),
  );
  return { ...source, mimeType, plain: false, sendsDisabled: false };
}

const SAMPLES = 320;
const tone = Int16Array.from({ length: SAMPLES }, (_, at) => 8000 * Math.sin((at * Math.PI) / 20));

function sound(number: number): AudioData {
  return new AudioData({
    ...{ format: 's16', sampleRate: 16_000, numberOfChannels: 1, numberOfFrames: SAMPLES },
    ...{ timestamp: number * 20_000, data: tone },
  });
}

function picture(number: number): VideoFrame {
  const [codedWidth, codedHeight] = [160, 120];
  const data = Buffer.alloc(codedWidth * codedHeight * 4, number);
  const timestamp = (number * 1e6) / FRAME_RATE;
  return new VideoFrame(data, { format: 'RGBA', codedWidth, codedHeight, timestamp });
}
