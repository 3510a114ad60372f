// Files that are recorded, and what is in them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createFactory } from 'mediasoup-client-pion';
import { codecOf, fileTrack, join, until } from './session.js';
import type { Room } from './session.js';

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
  const { stdout, stderr } = await run('ffprobe', [
    ...['-v', 'error', '-count_frames', '-of', 'json'],
    ...['-show_entries', 'stream=codec_name,nb_read_frames', file],
  ]);
  assert.equal(stderr, '');
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_name: string; nb_read_frames?: string }[];
  };
  return streams.map((s) => ({ codec: s.codec_name, frames: Number(s.nb_read_frames ?? 0) }));
}

/** Tracks that are received from a participant who sends sound and pictures. */
export async function received(
  room: Room,
  codec: string,
  { handlerFactory = createFactory(), file = 'bars-440hz.mp4' } = {},
) {
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const bob = await join(room, handlerFactory);
  await bob.createRecvTransport();
  const video = await sending.produce({
    track: fileTrack('video', file, { loop: true, decode: true }),
    codec: codecOf(alice.device, codec),
  });
  const audio = await sending.produce({ track: fileTrack('audio', file, { loop: true }) });
  const consumers = [await room.consume(bob, video), await room.consume(bob, audio)] as const;
  return { video: consumers[0].track, audio: consumers[1].track, consumers };
}

export const grown = (file: string, bytes: number) =>
  until(`${bytes} bytes`, () => fs.existsSync(file) && fs.statSync(file).size > bytes);

/** The times of the packets of a stream, in seconds. */
export async function times(file: string, stream: string): Promise<number[]> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', stream, '-of', 'csv=p=0'],
    ...['-show_entries', 'packet=pts_time', file],
  ]);
  return stdout
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
}
