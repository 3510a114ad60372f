// What bots pass through: H264 of 500 kbit/s, 560x320, 30 pictures a second, and Opus of 64 kbit/s.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from '../../scripts/lib/artefact.mjs';
import { run } from '../../scripts/lib/process.mjs';
import { keyOf, logDir } from '../../scripts/lib/project.mjs';

const ARGUMENTS = [
  ...['-f', 'lavfi', '-i', 'testsrc2=s=560x320:r=30:d=10'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10'],
  ...['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-g', '60'],
  ...['-b:v', '500k', '-maxrate', '500k', '-bufsize', '500k'],
  ...['-c:a', 'libopus', '-b:a', '64k', '-movflags', '+faststart'],
];

const dir = artefactDir('bench-clip', keyOf(ARGUMENTS));

export const clip = path.join(dir, 'clip.mp4');

export function clipStep() {
  return {
    name: 'a clip to pass through',
    expectedSeconds: 3,
    cure: 'see what ffmpeg says',
    current: () => isComplete(dir),
    run: () =>
      buildArtefact(dir, (temporary) =>
        run('ffmpeg', ['-nostdin', '-y', ...ARGUMENTS, path.join(temporary, 'clip.mp4')], {
          log: path.join(logDir, 'bench-clip.log'),
        }),
      ),
  };
}

/** The times and sizes of its frames, as bench/peers/limit reads them. */
export function framesOfClip() {
  const entries = 'packet=codec_type,pts_time,size,flags';
  const shown = ['-v', 'error', '-show_entries', entries, '-of', 'csv=p=0', clip];
  return execFileSync('ffprobe', shown, { encoding: 'utf8' });
}
