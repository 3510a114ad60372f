// Tones in decoded sound.

/**
 * How much of the sound's energy is at one frequency, 0 to 1: the Goertzel algorithm over a Hann window, set against
 * the energy of the whole.
 * @param {{ sampleRate: number, samples: Float32Array }} sound
 */
export function toneShare({ sampleRate, samples }, frequency) {
  const count = samples.length;
  const omega = (2 * Math.PI * frequency) / sampleRate;
  const coefficient = 2 * Math.cos(omega);
  let previous = 0;
  let beforeThat = 0;
  let energy = 0;
  let windowSum = 0;
  for (let index = 0; index < count; index++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / count);
    const now = window * samples[index] + coefficient * previous - beforeThat;
    beforeThat = previous;
    previous = now;
    energy += samples[index] * samples[index];
    windowSum += window;
  }
  if (energy === 0) return 0;
  const power = previous ** 2 + beforeThat ** 2 - coefficient * previous * beforeThat;
  const amplitude = (2 * Math.sqrt(Math.max(power, 0))) / windowSum;
  return Math.min((amplitude ** 2 / 2) * (count / energy), 1);
}

/** The strongest of the given frequencies (every 10 Hz from 100 to 2000 by default), and its share. */
export function strongestTone(sound, frequencies = everyTen(100, 2000)) {
  let best = { frequency: 0, share: 0 };
  for (const frequency of frequencies) {
    const share = toneShare(sound, frequency);
    if (share > best.share) best = { frequency, share };
  }
  return best;
}

/** Root mean square: 0 is silence, about 0.7 a sine at full scale. */
export function loudness({ samples }) {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return Math.sqrt(energy / samples.length);
}

function everyTen(from, to) {
  return Array.from({ length: (to - from) / 10 + 1 }, (_, index) => from + index * 10);
}
