// What a track gives to who reads it.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { MediaStreamTrackProcessor, createWorker } from 'mediasoup-client-pion';
import type { AudioData, MediaStreamTrackProcessorInit, VideoFrame } from 'mediasoup-client-pion';
import { codecOf, fileTrack, fixture, join, openRoom } from './session.js';
import { defaultMediaCodecs } from './support/codecs.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';

const av1 = { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 };

export function there<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

export async function openWorker(t: TestContext) {
  const worker = await createWorker();
  t.after(() => worker.close());
  return worker;
}

/** A track of a file, and of nothing else: no server, no transport. */
export async function localTrack(
  t: TestContext,
  kind: 'audio' | 'video',
  file: string,
  loop = true,
) {
  const worker = await openWorker(t);
  const stream = await worker.getUserMedia({
    [kind]: { source: 'file', file: fixture(file), loop },
  });
  const [track] = stream.getTracks();
  assert.ok(track);
  return { worker, track: track as unknown as MediaStreamTrack };
}

export async function receivedTrack(t: TestContext, kind: 'audio' | 'video', codec: string) {
  const room = await openRoom(t, { mediaCodecs: [...defaultMediaCodecs, av1] });
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    track: fileTrack(kind, 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(alice.device, codec),
  });
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  return { room, consumer, producer };
}

export async function read<T extends VideoFrame | AudioData>(
  init: MediaStreamTrackProcessorInit,
  count: number,
): Promise<T[]> {
  const frames: T[] = [];
  for await (const frame of new MediaStreamTrackProcessor<T>(init).readable) {
    frames.push(frame);
    if (frames.length === count) break;
  }
  return frames;
}

export function closeAll(frames: (VideoFrame | AudioData)[]): void {
  for (const frame of frames) frame.close();
}

export function assertRising(frames: (VideoFrame | AudioData)[]): void {
  for (let i = 1; i < frames.length; i++) {
    assert.ok(there(frames[i]).timestamp > there(frames[i - 1]).timestamp, 'a timestamp went back');
  }
}

/** The mean colour of a picture, by the core's own conversion to RGBA, or as it is if that is its format. */
export async function colourOf(frame: VideoFrame) {
  const rgba = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
  await frame.copyTo(rgba, { format: 'RGBA' });
  return meanRgba(rgba, frame);
}

export function meanRgba(rgba: Uint8Array, frame: VideoFrame) {
  const data = rgba.filter((_, index) => index % 4 !== 3);
  return meanColour({ width: frame.codedWidth, height: frame.codedHeight, data });
}

/** The samples of the first channel, of planar floating point. */
export function soundOf(pieces: AudioData[]) {
  const samples = pieces.flatMap((piece) => {
    const room = new Float32Array(piece.numberOfFrames);
    piece.copyTo(room, { planeIndex: 0, format: 'f32-planar' });
    return [...room];
  });
  return { sampleRate: there(pieces[0]).sampleRate, samples: Float32Array.from(samples) };
}

export function isRed({ red, green, blue }: { red: number; green: number; blue: number }): boolean {
  return colourDistance({ red, green, blue }, colours.red) < 24;
}

export function isBlack(colour: { red: number; green: number; blue: number }): boolean {
  return colourDistance(colour, colours.black) < 4;
}
