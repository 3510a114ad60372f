import { ArgumentError, describe } from './errors.js';

/** What is to encode pictures, in the words of WebCodecs. */
export type HardwareAcceleration = 'no-preference' | 'prefer-hardware' | 'prefer-software';

const ALL: readonly HardwareAcceleration[] = [
  'no-preference',
  'prefer-hardware',
  'prefer-software',
];

/** Whether hardware is preferred. */
export function prefersHardware(name: string, given: unknown): boolean {
  if (given === undefined) return false;
  if (ALL.some((each) => each === given)) return given === 'prefer-hardware';
  const expected = ALL.map((each) => JSON.stringify(each)).join(', ');
  throw new ArgumentError(`${name}: expected ${expected}, got ${describe(given)}`);
}
