// Clips that one test needs, made by the ffmpeg program.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const folder = mkdtempSync(path.join(tmpdir(), 'clips-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Makes the file `name`; the arguments are ffmpeg's without the output. Resolves to its path. */
export async function clip(name, ...args) {
  const file = path.join(folder, name);
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args.flat(), file]);
  return file;
}

/** The MD5 of each packet of a file's first stream of a kind ('v' or 'a'). */
export async function packetSums(file, kind) {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', `${kind}:0`, '-show_data_hash', 'MD5'],
    ...['-show_entries', 'packet=data_hash', '-of', 'default=nw=1:nk=1', file],
  ]);
  return stdout.match(/(?<=MD5:)[0-9a-f]{32}/g) ?? [];
}

/** All bytes of a stream as ffmpeg copies them, by the arguments of the output. */
export async function copied(file, ...output) {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-nostdin', '-v', 'error', '-i', file, '-c', 'copy', ...output, '-'],
    { encoding: 'buffer', maxBuffer: 64 << 20 },
  );
  return stdout;
}

export const picture = (colour, seconds, rate = 30) => [
  '-f',
  'lavfi',
  '-i',
  `color=c=${colour}:s=320x240:r=${rate}:d=${seconds}`,
];
export const pattern = (seconds) => ['-f', 'lavfi', '-i', `testsrc2=s=320x240:r=30:d=${seconds}`];
export const tone = (seconds) => [
  '-f',
  'lavfi',
  '-i',
  `sine=frequency=440:sample_rate=48000:duration=${seconds}`,
];
