// Files that are recorded, and what is in them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createFactory, EncodedTrackGenerator } from 'mediasoup-client-pion';
import { codecOf, fileTrack, join, until } from './session.js';
import type { Room } from './session.js';
import { codedPictures, codedSound } from './support/coded-frames.mjs';

const run = promisify(execFile);

export function folder(t: TestContext): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'recording-'));
  t.after(() => {
    fs.rmSync(made, { recursive: true });
  });
  return made;
}

/** Decodes every frame of a file: the codec of each stream and how many frames there were. */
export async function decode(file: string): Promise<{ codec: string; frames: number }[]> {
  return await decodeAll(settled(file));
}

/** The same of a playlist from its beginning until it has ended. */
export async function decodeAll(file: string): Promise<{ codec: string; frames: number }[]> {
  const { stdout, stderr } = await run('ffprobe', [
    ...['-v', 'error', '-count_frames', '-of', 'json'],
    ...(file.endsWith('.m3u8') ? ['-live_start_index', '0'] : []),
    ...['-show_entries', 'stream=codec_name,nb_read_frames', file],
  ]);
  assert.equal(stderr, '');
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_name: string; nb_read_frames?: string }[];
  };
  return streams.map((s) => ({ codec: s.codec_name, frames: Number(s.nb_read_frames ?? 0) }));
}

type Kind = 'audio' | 'video';

/**
 * Writes frames over and over until the test ends. They keep to the time that passes, whoever is late: a file waits for a
 * machine that was held up for a second.
 */
export function play(
  t: TestContext,
  generator: EncodedTrackGenerator,
  frames: readonly Buffer[],
  perSecond: number,
): void {
  const began = performance.now();
  let next = 0;
  const timer = setInterval(() => {
    for (; (next * 1000) / perSecond <= performance.now() - began; next++) {
      const data = frames[next % frames.length] ?? Buffer.alloc(0);
      generator.write({ data, timestamp: (next * 1e6) / perSecond }).catch(() => undefined);
    }
  }, 10);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
}

/** Tracks that are played so. */
export const punctual =
  (t: TestContext, mimeType: string) =>
  (kind: Kind): MediaStreamTrack => {
    const isVideo = kind === 'video';
    const pictures = codedPictures(mimeType);
    const [frames, perSecond] = isVideo ? [pictures.frames, pictures.fps] : [codedSound(), 50];
    const init = { kind, mimeType: isVideo ? mimeType : 'audio/opus' } as const;
    const generator = new EncodedTrackGenerator(init);
    play(t, generator, frames, perSecond);
    return generator.track;
  };

/** Tracks that are received from a participant who sends sound and pictures. */
export async function received(
  room: Room,
  codec: string,
  {
    handlerFactory = createFactory(),
    file = 'bars-440hz.mp4',
    track = (kind: Kind): MediaStreamTrack =>
      fileTrack(kind, file, { loop: true, ...(kind === 'video' && { decode: true }) }),
  } = {},
) {
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const bob = await join(room, handlerFactory);
  await bob.createRecvTransport();
  const video = await sending.produce({
    track: track('video'),
    codec: codecOf(alice.device, codec),
  });
  const audio = await sending.produce({ track: track('audio') });
  const consumers = [await room.consume(bob, video), await room.consume(bob, audio)] as const;
  return { video: consumers[0].track, audio: consumers[1].track, consumers };
}

/** A playlist as it is by now: a reader of one that grows waits for more. */
function settled(file: string): string {
  const text = file.endsWith('.m3u8') ? fs.readFileSync(file, 'utf8') : '#EXT-X-ENDLIST';
  if (text.includes('#EXT-X-ENDLIST')) return file;
  const now = path.join(path.dirname(file), `now-${performance.now()}.m3u8`);
  fs.writeFileSync(now, `${text}#EXT-X-ENDLIST\n`);
  return now;
}

/** The lengths of a playlist's segments in seconds. */
export const lengthsOf = (file: string): number[] =>
  fs.existsSync(file)
    ? [...fs.readFileSync(file, 'utf8').matchAll(/#EXTINF:([\d.]+),/g)].map(([, seconds]) =>
        Number(seconds),
      )
    : [];

export const grown = (file: string, bytes: number) =>
  until(`${bytes} bytes`, () => fs.existsSync(file) && fs.statSync(file).size > bytes);

/** The times of the packets of a stream, in seconds. */
export async function times(file: string, stream: string): Promise<number[]> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', stream, '-of', 'csv=p=0'],
    ...['-show_entries', 'packet=pts_time', settled(file)],
  ]);
  return stdout
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
}
