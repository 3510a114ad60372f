/** WebCodecs' formats of pixels that the core has, in its order. */
export const pixelFormats = [
  'I420',
  'I422',
  'I444',
  'NV12',
  'RGBA',
  'RGBX',
  'BGRA',
  'BGRX',
] as const;
/** One of WebCodecs' formats of pixels. */
export type PixelFormat = (typeof pixelFormats)[number];

/** WebCodecs' formats of samples, in the core's order. */
export const sampleFormats = [
  'u8',
  's16',
  's32',
  'f32',
  'u8-planar',
  's16-planar',
  's32-planar',
  'f32-planar',
] as const;
/** One of WebCodecs' formats of samples. */
export type SampleFormat = (typeof sampleFormats)[number];

/** The number that the core has for a format; 0 for one that is none. */
export function formatNumber(formats: readonly string[], name: unknown): number {
  return formats.indexOf(name as string) + 1;
}

/** A plane's bytes a row, and its rows. */
export type PlaneSize = { bytes: number; rows: number };

/** What the planes of a picture take, of a rectangle that begins at `x`, `y`. */
export function planeSizes(format: PixelFormat, width: number, height: number): PlaneSize[] {
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  const luma = { bytes: width, rows: height };
  switch (format) {
    case 'I420':
      return [luma, ...twice({ bytes: halfWidth, rows: halfHeight })];
    case 'I422':
      return [luma, ...twice({ bytes: halfWidth, rows: height })];
    case 'I444':
      return [luma, ...twice(luma)];
    case 'NV12':
      return [luma, { bytes: 2 * halfWidth, rows: halfHeight }];
    default:
      return [{ bytes: 4 * width, rows: height }];
  }
}

function twice(size: PlaneSize): PlaneSize[] {
  return [size, size];
}

/** Whether chroma has half of the columns, and of the rows, of luma. */
export function subsampling(format: PixelFormat): { x: boolean; y: boolean } {
  return {
    x: format === 'I420' || format === 'I422' || format === 'NV12',
    y: format === 'I420' || format === 'NV12',
  };
}

export function sampleBytes(format: SampleFormat): number {
  if (format.startsWith('u8')) return 1;
  return format.startsWith('s16') ? 2 : 4;
}

export function isPlanar(format: SampleFormat): boolean {
  return format.endsWith('-planar');
}
