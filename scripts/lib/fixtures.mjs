// Sample media for demo, tests and benchmarks, made by the ffmpeg program of the system.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { run } from './process.mjs';
import { keyOf, logDir } from './project.mjs';

const lavfi = (graph) => ['-f', 'lavfi', '-i', graph];

const tone = (seconds, rate = 48000) =>
  lavfi(`sine=frequency=440:sample_rate=${rate}:duration=${seconds}`);

// Baseline without B-frames and a keyframe every 2 s: a file that can also be sent as it is.
const h264 = [
  '-c:v',
  'libx264',
  '-profile:v',
  'baseline',
  '-pix_fmt',
  'yuv420p',
  '-g',
  '60',
  '-keyint_min',
  '60',
  '-sc_threshold',
  '0',
];

const aac = ['-c:a', 'aac', '-b:a', '96k', '-ac', '1'];

const solid = (color, seconds) => lavfi(`color=c=${color}:s=320x240:r=30:d=${seconds}`);

/** Arguments of ffmpeg for each file, without the output. */
const FILES = {
  // Colour bars with a patch that moves and a tone: what the demo shows.
  'bars-440hz.mp4': [
    ...lavfi('smptebars=s=560x320:r=30:d=10'),
    ...lavfi('testsrc2=s=160x90:r=30:d=10'),
    ...tone(10),
    '-filter_complex',
    "[0][1]overlay=x='mod(t*80,400)':y=220:shortest=1[v]",
    ...['-map', '[v]', '-map', '2:a'],
    ...h264,
    ...['-b:v', '500k', '-maxrate', '500k', '-bufsize', '500k'],
    ...aac,
    ...['-movflags', '+faststart'],
  ],
  'red-440hz.mp4': [...solid('red', 5), ...tone(5), ...h264, ...aac],
  'blue.mp4': [...solid('blue', 5), ...h264],
  // Somebody who speaks for a second, waits for less than an answer takes, and interrupts it.
  'talk.wav': [
    ...lavfi("aevalsrc='0.4*sin(2*PI*440*t)*(lt(t,1)+between(t,2,3))':s=48000:d=9"),
    ...['-c:a', 'pcm_s16le', '-ac', '1'],
  ],
  'tone.wav': [...tone(5, 16000), '-c:a', 'pcm_s16le', '-ac', '1'],
  // Main profile with B-frames, as most files are.
  'short.mp4': [
    ...lavfi('smptebars=s=320x240:r=30:d=1'),
    ...tone(1),
    ...['-c:v', 'libx264', '-profile:v', 'main', '-bf', '2'],
    ...['-pix_fmt', 'yuv420p', '-g', '30'],
    ...aac,
  ],
};

const dir = artefactDir('fixtures', keyOf(FILES));

/** Path of a generated file; throws for a name that isn't made, or before the set-up made it. */
export function fixturePath(name) {
  if (!Object.hasOwn(FILES, name)) {
    throw new TypeError(`name: expected one of ${Object.keys(FILES).join(', ')}, got ${name}`);
  }
  if (!isComplete(dir)) {
    throw new Error(`${name} is not made yet: node scripts/bootstrap.mjs --for=demo`);
  }
  return path.join(dir, name);
}

export function fixturesStep() {
  return {
    name: 'Sample media',
    expectedSeconds: 5,
    current: () => isComplete(dir),
    async run(progress) {
      const log = path.join(logDir, 'fixtures.log');
      fs.rmSync(log, { force: true });
      await buildArtefact(dir, async (temporary) => {
        for (const [name, args] of Object.entries(FILES)) {
          progress.update(name);
          await run(
            'ffmpeg',
            ['-hide_banner', '-nostdin', '-y', ...args, path.join(temporary, name)],
            { log },
          );
        }
      });
    },
  };
}
