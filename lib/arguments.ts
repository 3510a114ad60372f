import { ArgumentError, describe } from './errors.js';
import { Limit } from './wire.js';

/** A number that is as expected. */
export function numberThat(
  isGood: (value: number) => boolean,
  value: unknown,
  name: string,
  expected: string,
): number {
  if (typeof value === 'number' && isGood(value)) return value;
  throw new ArgumentError(`${name}: expected ${expected}, got ${describe(value)}`);
}

/** A whole number of no less than 0. */
export function natural(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number {
  const isNatural = (given: number) => Number.isInteger(given) && given >= 0 && given <= most;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of no less than 0' : `of 0 to ${most}`;
  return numberThat(isNatural, value, name, `a whole number ${range}`);
}

/** A time in µs. */
export function timestamp(value: unknown, name: string): number {
  const isTime = (given: number) => Math.abs(given) <= Number.MAX_SAFE_INTEGER;
  return Math.trunc(numberThat(isTime, value, name, 'a time in µs'));
}

/** A length of time in µs; 0 for none. */
export function duration(value: unknown, name: string): number {
  return value === undefined || value === null ? 0 : natural(value, name);
}

/** WebIDL's unsigned long: whatever can be made a number is. */
export function unsignedLong(value: unknown, name: string): number {
  try {
    return (value as number) >>> 0;
  } catch (cause) {
    throw new ArgumentError(`${name}: expected a number, got ${describe(value)}`, { cause });
  }
}

/** @throws TypeError if it is no string. */
export function assertString(value: unknown, name: string): asserts value is string {
  if (typeof value === 'string') return;
  throw new ArgumentError(`${name}: expected a string, got ${describe(value)}`);
}

/** @throws TypeError if it has more bytes than the core takes of a text. */
export function assertShort(text: string, name: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= Limit.Text) return;
  throw new ArgumentError(`${name}: expected at most ${Limit.Text} bytes, got ${bytes}`);
}

/** @throws TypeError if it is no array. */
export function assertArray(
  value: unknown,
  name: string,
  expected = 'an array',
): asserts value is readonly unknown[] {
  if (Array.isArray(value)) return;
  throw new ArgumentError(`${name}: expected ${expected}, got ${describe(value)}`);
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
