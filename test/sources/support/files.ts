// Clips that a test makes with the ffmpeg program, gone when it ends.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';

const run = promisify(execFile);

const lavfi = (graph: string): string[] => ['-f', 'lavfi', '-i', graph];

/** A picture that is red above, and blue below. */
export const redOverBlue: string[] = lavfi(
  'color=red:s=160x120:r=25,drawbox=x=0:y=60:w=160:h=60:c=blue:t=fill',
);

/** A tone of 440 Hz. */
export const tone: string[] = lavfi('sine=440:r=48000');

/** A white flash and a beep of 1 kHz, 100 ms long, at the beginning of each second. */
export const flashesAndBeeps: string[] = [
  ...lavfi("color=black:s=160x120:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'"),
  ...lavfi("aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000"),
];

/** Makes `seconds` of what the inputs are, coded as the arguments say. Gives its path. */
export async function makeClip(
  t: TestContext,
  name: string,
  { inputs, coding, seconds = 2 }: { inputs: string[]; coding: string[]; seconds?: number },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clip-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await run('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y'],
    ...inputs,
    ...coding,
    ...['-t', String(seconds), path],
  ]);
  return path;
}

/** The seed's way to name a clip: a FakeMediaStreamTrack with data. */
export function clipTrack(
  kind: 'audio' | 'video',
  path: string,
  data: object = {},
): FakeMediaStreamTrack {
  return new FakeMediaStreamTrack({
    kind,
    data: { sourceType: 'file', sourceValue: path, ...data },
  });
}
