import { UnsupportedError, describe } from './errors.js';
import type { Encoding } from './wire.js';

/**
 * W3C's scalabilityMode.
 *
 * @throws UnsupportedError for a mode that no codec here has.
 */
export function parseScalabilityMode(
  name: string,
  mode: unknown,
): Pick<Encoding, 'temporalLayers'> {
  if (mode === undefined) return {};
  const layers = typeof mode === 'string' ? /^[LS]1T([123])$/.exec(mode)?.[1] : undefined;
  if (layers === undefined) {
    throw new UnsupportedError(
      `${name}: ${describe(mode)} is not supported (L1T1, L1T2 and L1T3 are)`,
    );
  }
  return layers === '1' ? {} : { temporalLayers: Number(layers) };
}

/**
 * Checks what is only known with the codec that is sent.
 *
 * @throws UnsupportedError if temporal layers are asked for, and it has none.
 */
export function checkLayers(
  { temporalLayers: layers }: Pick<Encoding, 'temporalLayers'>,
  mimeType: string,
): void {
  if (layers === undefined || layers === 1 || /^video\/vp8$/i.test(mimeType)) return;
  throw new UnsupportedError(
    `encodings[0].scalabilityMode: L1T${layers} of ${mimeType} is not supported (of video/VP8 it is)`,
  );
}
