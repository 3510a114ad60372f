/** Mono samples between -1 and 1. */
export type Sound = { sampleRate: number; samples: Float32Array };

/** The share, 0 to 1, of the sound's energy that is at one frequency. */
export function toneShare(sound: Sound, frequency: number): number;

/** The strongest of the given frequencies (default: every 10 Hz from 100 to 2000) and its share. */
export function strongestTone(
  sound: Sound,
  frequencies?: number[],
): { frequency: number; share: number };

/** Root mean square. */
export function loudness(sound: Sound): number;
