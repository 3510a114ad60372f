// Sound files of tones and of silence, for what the sample files do not have.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const SAMPLE_RATE = 48_000;

/**
 * Writes 16-bit stereo, a quarter of full scale, and resolves to its path. `frequencyAt` gives those of left and right
 * at a time; 0 is silence. The file is removed after the test.
 */
export async function writeWave(t, name, seconds, frequencyAt) {
  const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'wave-'));
  t.after(() => fs.promises.rm(folder, { recursive: true, force: true }));
  const frames = seconds * SAMPLE_RATE;
  const bytes = Buffer.alloc(44 + frames * 4);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(SAMPLE_RATE, 24);
  bytes.writeUInt32LE(SAMPLE_RATE * 4, 28);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames * 4, 40);
  for (let frame = 0; frame < frames; frame++) {
    const time = frame / SAMPLE_RATE;
    for (const [channel, frequency] of frequencyAt(time).entries()) {
      const sample = frequency && Math.sin(2 * Math.PI * frequency * time) * 8192;
      bytes.writeInt16LE(Math.round(sample), 44 + frame * 4 + channel * 2);
    }
  }
  const file = path.join(folder, name);
  await fs.promises.writeFile(file, bytes);
  return file;
}
