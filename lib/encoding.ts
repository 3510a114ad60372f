import { ArgumentError, UnsupportedError, describe } from './errors.js';
import { parseScalabilityMode } from './scalabilityMode.js';
import type { Encoding } from './wire.js';

const SETTABLE = [
  'active',
  'maxBitrate',
  'maxFramerate',
  'scaleResolutionDownBy',
  'scalabilityMode',
] as const;

/**
 * What of W3C's RTCRtpEncodingParameters one encoding can have.
 *
 * @throws TypeError for a wrong value, UnsupportedError for one that cannot be honoured.
 */
export function parseEncoding(name: string, given: unknown): Encoding {
  if (typeof given !== 'object' || given === null) {
    throw new ArgumentError(`${name}: expected an object, got ${describe(given)}`);
  }
  const {
    active = true,
    maxBitrate,
    maxFramerate,
    scaleResolutionDownBy,
    scalabilityMode,
    ...others
  } = given as Record<string, unknown>;
  if (typeof active !== 'boolean') {
    throw new ArgumentError(`${name}.active: expected true or false, got ${describe(active)}`);
  }
  for (const [member, value] of Object.entries(others)) {
    if (value === undefined || value === DEFAULTS[member]) continue;
    throw new UnsupportedError(`${name}.${member} is not supported (${SETTABLE.join(', ')} are)`);
  }
  return {
    active,
    ...(maxBitrate === undefined
      ? {}
      : { maxBitrate: Math.ceil(positive(`${name}.maxBitrate`, maxBitrate)) }),
    ...(maxFramerate === undefined
      ? {}
      : { maxFramerate: positive(`${name}.maxFramerate`, maxFramerate) }),
    ...(scaleResolutionDownBy === undefined
      ? {}
      : { scaleResolutionDownBy: factor(`${name}.scaleResolutionDownBy`, scaleResolutionDownBy) }),
    ...(scalabilityMode === undefined
      ? {}
      : { scalabilityMode: parseScalabilityMode(`${name}.scalabilityMode`, scalabilityMode) }),
  };
}

// W3C's, which are what happens.
const DEFAULTS: Record<string, unknown> = {
  priority: 'low',
  networkPriority: 'low',
  adaptivePtime: false,
};

function factor(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1 && Number.isFinite(value)) return value;
  throw new ArgumentError(`${name}: expected a number from 1 on, got ${describe(value)}`);
}

function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new ArgumentError(`${name}: expected a number above 0, got ${describe(value)}`);
}
