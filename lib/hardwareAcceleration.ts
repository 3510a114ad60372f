import { ArgumentError, describe } from './errors.js';

const ALL = ['no-preference', 'prefer-hardware', 'prefer-software'] as const;

/** What is to encode pictures, in the words of WebCodecs. */
export type HardwareAcceleration = (typeof ALL)[number];

/** Whether hardware is preferred. */
export function prefersHardware(name: string, given: unknown): boolean {
  if (given === undefined) return false;
  if (ALL.some((each) => each === given)) return given === 'prefer-hardware';
  const expected = ALL.map((each) => JSON.stringify(each)).join(', ');
  throw new ArgumentError(`${name}: expected ${expected}, got ${describe(given)}`);
}
