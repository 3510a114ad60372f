// What the bots pass through, and what is received to be read and recorded.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from '../../scripts/lib/artefact.mjs';
import { run } from '../../scripts/lib/process.mjs';
import { keyOf, logDir } from '../../scripts/lib/project.mjs';

const sources = (size) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30:d=10`],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10'],
];
const opus = ['-c:a', 'libopus', '-b:a', '64k'];

const FILES = {
  // H264 of 500 kbit/s, 560x320, 30 pictures a second.
  'clip.mp4': [
    ...sources('560x320'),
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-g', '60'],
    ...['-b:v', '500k', '-maxrate', '500k', '-bufsize', '500k'],
    ...[...opus, '-movflags', '+faststart'],
  ],
  // VP8 of 2 Mbit/s, 1920x1080, 30 pictures a second: who begins to read waits for a keyframe.
  'full-hd.webm': [
    ...sources('1920x1080'),
    ...[
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-pix_fmt',
      'yuv420p',
      '-g',
      '30',
    ],
    ...['-b:v', '2M', '-maxrate', '2M', '-bufsize', '1M'],
    ...opus,
  ],
  // The same as it is, half a second of it: what is written, and what a source of the core reads.
  'full-hd.y4m': [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30:d=0.5', '-pix_fmt', 'yuv420p'],
  ],
};

const dir = artefactDir('bench-clip', keyOf(FILES));

export const clip = path.join(dir, 'clip.mp4');
export const fullHd = path.join(dir, 'full-hd.webm');
export const rawFullHd = path.join(dir, 'full-hd.y4m');

export function clipStep() {
  return {
    name: 'clips to pass through',
    expectedSeconds: 15,
    cure: 'see what ffmpeg says',
    current: () => isComplete(dir),
    run: () =>
      buildArtefact(dir, async (temporary) => {
        for (const [name, args] of Object.entries(FILES)) {
          await run('ffmpeg', ['-nostdin', '-y', ...args, path.join(temporary, name)], {
            log: path.join(logDir, 'bench-clip.log'),
          });
        }
      }),
  };
}

/** The times and sizes of the clip's frames, as bench/peers/limit reads them. */
export function framesOfClip() {
  const entries = 'packet=codec_type,pts_time,size,flags';
  const shown = ['-v', 'error', '-show_entries', entries, '-of', 'csv=p=0', clip];
  return execFileSync('ffprobe', shown, { encoding: 'utf8' });
}
