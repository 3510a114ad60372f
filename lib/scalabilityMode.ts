import { UnsupportedError, describe } from './errors.js';

// What the encoders can do. L1T1 is no layers.
const TEMPORAL = ['L1T1', 'L1T2', 'L1T3'] as const;
const SPATIAL = ['L2T1', 'L2T2', 'L2T3', 'L3T1', 'L3T2', 'L3T3'] as const;
const ALL = [...TEMPORAL, ...SPATIAL, ...SPATIAL.map((mode) => `${mode}_KEY`)];
const MODES: Record<string, readonly string[]> = {
  'video/vp8': TEMPORAL,
  'video/h264': TEMPORAL,
  'video/vp9': ALL,
  'video/av1': ALL,
};
const WITHOUT_LAYERS: readonly string[] = ['L1T1'];

/**
 * W3C's scalabilityMode. S1T3, which is not W3C's, is what mediasoup's apps have for L1T3.
 *
 * @throws UnsupportedError for a mode that no codec here has.
 */
export function parseScalabilityMode(name: string, mode: unknown): string {
  const known = typeof mode === 'string' ? mode.replace(/^S1/, 'L1') : '';
  if (ALL.includes(known)) return known;
  if (/^S[23]T/.test(known)) {
    throw new UnsupportedError(
      `${name}: ${describe(mode)} is not supported: for streams that do not need each other, ` +
        'use simulcast (an encoding for each)',
    );
  }
  throw new UnsupportedError(`${name}: ${describe(mode)} is not supported (${ALL.join(', ')} are)`);
}

/**
 * Checks what is only known with the codec that is sent.
 *
 * @throws UnsupportedError if that codec has no such layers.
 */
export function checkScalabilityMode(
  name: string,
  mode: string | undefined,
  mimeType: string | undefined,
): void {
  if (mode === undefined || mimeType === undefined) return;
  const modes = MODES[mimeType.toLowerCase()] ?? WITHOUT_LAYERS;
  if (modes.includes(parseScalabilityMode(name, mode))) return;
  throw new UnsupportedError(
    `${name}: ${mode} of ${mimeType} is not supported (${modes.join(', ')} can be had)`,
  );
}
