import type { TestContext } from 'node:test';

/** Path of a new stereo file; `frequencyAt` gives what is left and right at a time in seconds, 0 being silence. */
export function writeWave(
  t: TestContext,
  name: string,
  seconds: number,
  frequencyAt: (time: number) => [left: number, right: number],
): Promise<string>;
