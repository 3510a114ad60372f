import { ArgumentError, describe } from './errors.js';

/** A whole number of no less than 0. */
export function natural(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ArgumentError(
    `${name}: expected a whole number of no less than 0, got ${describe(value)}`,
  );
}

/** A time in µs. */
export function timestamp(value: unknown, name: string): number {
  if (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    Math.abs(value) <= Number.MAX_SAFE_INTEGER
  ) {
    return Math.trunc(value);
  }
  throw new ArgumentError(`${name}: expected a time in µs, got ${describe(value)}`);
}

/** A length of time in µs; 0 for none. */
export function duration(value: unknown, name: string): number {
  return value === undefined || value === null ? 0 : natural(value, name);
}

/** @throws TypeError if it is no object. */
export function assertObject(
  value: unknown,
  name: string,
  expected: string,
): asserts value is object {
  if (typeof value === 'object' && value !== null) return;
  throw new ArgumentError(`${name}: expected ${expected}, got ${describe(value)}`);
}
