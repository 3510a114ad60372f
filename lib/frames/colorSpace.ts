import { assertObject } from '../arguments.js';
import { ArgumentError, describe } from '../errors.js';
import { planeSizes } from './formats.js';
import type { PixelFormat } from './formats.js';
import type { Head } from './head.js';

/** The color space of a picture. What is null is not known. */
export type VideoFrameColorSpace = {
  /** Of red, green and blue: `bt709`, `bt470bg`, `smpte170m`, `bt2020` or `smpte432`. */
  primaries: string | null;
  /** From light to numbers: `bt709`, `smpte170m`, `iec61966-2-1`, `linear`, `pq` or `hlg`. */
  transfer: string | null;
  /** From red, green and blue to luma and chroma: `bt709`, `bt470bg`, `smpte170m` or `bt2020-ncl`; `rgb` is of RGB alone. */
  matrix: string | null;
  /** Whether black is 0 and white 255. */
  fullRange: boolean | null;
};

const PRIMARIES = ['bt709', 'bt470bg', 'smpte170m', 'bt2020', 'smpte432'];

const TRANSFERS = ['bt709', 'smpte170m', 'iec61966-2-1', 'linear', 'pq', 'hlg'];

/** Of ITU-T H.273. */
const matrices: Readonly<Record<number, string>> = {
  0: 'rgb',
  1: 'bt709',
  5: 'bt470bg',
  6: 'smpte170m',
  9: 'bt2020-ncl',
};

/** Of a picture that is closed. */
export const unknownSpace: Readonly<VideoFrameColorSpace> = {
  primaries: null,
  transfer: null,
  matrix: null,
  fullRange: null,
};

/** What the core knows of a color space: what it converts by. */
export type CoreColors = Pick<Head, 'fullRange' | 'matrix'>;

const isRgb = (format: PixelFormat): boolean => planeSizes(format, 1, 1).length === 1;

/** The color space of a picture of the core. */
export function spaceOf(format: PixelFormat, colors: CoreColors): VideoFrameColorSpace {
  if (isRgb(format)) return { ...unknownSpace, matrix: 'rgb', fullRange: true };
  return {
    ...unknownSpace,
    // 0 where nothing is known.
    matrix: colors.matrix === 0 ? null : (matrices[colors.matrix] ?? null),
    fullRange: colors.fullRange === 1,
  };
}

/** The color space of a picture that an app makes, and what of it the core knows. */
export function spaceFrom(
  format: PixelFormat,
  given: Partial<VideoFrameColorSpace> = {},
): { space: VideoFrameColorSpace; colors: CoreColors } {
  assertObject(given, 'init.colorSpace', 'an object');
  const { fullRange = null } = given;
  if (fullRange !== null && typeof fullRange !== 'boolean') {
    throw new ArgumentError(
      `init.colorSpace.fullRange: expected a boolean, got ${describe(fullRange)}`,
    );
  }
  const primaries = oneOf(given.primaries, 'primaries', PRIMARIES);
  const transfer = oneOf(given.transfer, 'transfer', TRANSFERS);
  const matrix = oneOf(given.matrix, 'matrix', Object.values(matrices));
  const number = Object.entries(matrices).find(([, name]) => name === matrix)?.[0] ?? 0;
  const colors = { fullRange: fullRange ? 1 : 0, matrix: Number(number) };
  const known = spaceOf(format, colors);
  return {
    space: { primaries, transfer, matrix: known.matrix, fullRange: isRgb(format) || fullRange },
    colors,
  };
}

function oneOf(value: unknown, name: string, names: readonly string[]): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && names.includes(value)) return value;
  throw new ArgumentError(
    `init.colorSpace.${name}: expected one of ${names.join(', ')}, got ${describe(value)}`,
  );
}
