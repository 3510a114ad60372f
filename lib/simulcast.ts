import { parseEncoding } from './encoding.js';
import { ArgumentError, UnsupportedError, describe } from './errors.js';
import type { Encoding } from './wire.js';

// As browsers have it.
const MOST_ENCODINGS = 3;
// What fits into a one-byte header extension (RFC 8285), of what RFC 8852 allows.
const RID = /^[A-Za-z0-9]{1,16}$/;
const MODE = /^[LS]1T[123]$/;
// libwebrtc's, where there are several encodings.
const DEFAULT_MODE = 'L1T3';

type Given = Record<string, unknown>;

/**
 * The encodings that one track is sent in, of low quality first. What is left out is as W3C's
 * addTransceiver() and mediasoup-client's handler of Chrome have it: half the size from each to
 * the one before, and rids r0, r1, r2.
 *
 * @throws TypeError for a wrong value, UnsupportedError for what cannot be honoured.
 * @see https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver
 */
export function parseEncodings(name: string, kind: string, given: readonly unknown[]): Encoding[] {
  if (given.length <= 1) return [parseEncoding(`${name}[0]`, given[0] ?? {})];
  if (kind !== 'video') {
    throw new UnsupportedError(
      `${name}: expected one encoding, as it is ${kind}, got ${given.length}`,
    );
  }
  if (given.length > MOST_ENCODINGS) {
    throw new UnsupportedError(
      `${name}: expected ${MOST_ENCODINGS} at the most, got ${given.length}`,
    );
  }
  const rids = parseRids(name, given);
  const isScaled = given.some((one) => memberOf(one, 'scaleResolutionDownBy') !== undefined);
  return parseLayers(name, given).map((encoding, index) => ({
    rid: rids[index] ?? `r${index}`,
    ...(isScaled ? {} : { scaleResolutionDownBy: 2 ** (given.length - 1 - index) }),
    ...encoding,
  }));
}

/**
 * What the encodings of a sender are changed to. Their rids stay.
 *
 * @throws TypeError for a wrong value, UnsupportedError for what cannot be honoured.
 */
export function parseChanges(
  name: string,
  before: readonly Encoding[],
  given: readonly unknown[],
): Encoding[] {
  if (before.length === 1) return [parseEncoding(`${name}[0]`, given[0])];
  return parseLayers(name, given).map((encoding, index) => {
    const { rid } = before[index] ?? {};
    return rid === undefined ? encoding : { rid, ...encoding };
  });
}

/** The encodings with the temporal layers that a codec has where none were asked for. */
export function withDefaultMode(encodings: Encoding[], mimeType = ''): Encoding[] {
  const isLeftOut = encodings.every((one) => one.scalabilityMode === undefined);
  if (encodings.length === 1 || !isLeftOut || !/^video\/vp8$/i.test(mimeType)) return encodings;
  return encodings.map((one) => ({ ...one, scalabilityMode: DEFAULT_MODE }));
}

/**
 * Each of several, without its rid. All have the most temporal layers that one asks for, as
 * mediasoup wants them to be the same.
 */
function parseLayers(name: string, given: readonly unknown[]): Encoding[] {
  const encodings = given.map((one, index) => {
    const mode = memberOf(one, 'scalabilityMode');
    if (mode !== undefined && !(typeof mode === 'string' && MODE.test(mode))) {
      throw new UnsupportedError(
        `${name}[${index}].scalabilityMode: expected L1T1, L1T2 or L1T3, as there are several encodings, got ${describe(mode)}`,
      );
    }
    const others = { ...(Object(one) as Given) };
    delete others['rid'];
    return parseEncoding(`${name}[${index}]`, others);
  });
  // Their names are in the order of their layers.
  const scalabilityMode = encodings
    .map((one) => one.scalabilityMode)
    .filter((mode) => mode !== undefined)
    .sort()
    .at(-1);
  if (scalabilityMode === undefined) return encodings;
  return encodings.map((one) => ({ ...one, scalabilityMode }));
}

/** The rids, if they are given: of all or of none, each another. */
function parseRids(name: string, given: readonly unknown[]): string[] {
  const rids: string[] = [];
  for (const [index, one] of given.entries()) {
    const rid = memberOf(one, 'rid');
    if (rid === undefined) continue;
    if (typeof rid !== 'string' || !RID.test(rid)) {
      throw new ArgumentError(
        `${name}[${index}].rid: expected 1 to 16 letters and digits, got ${describe(rid)}`,
      );
    }
    if (rids.includes(rid)) {
      throw new ArgumentError(`${name}[${index}].rid: expected another than ${describe(rid)}`);
    }
    rids.push(rid);
  }
  if (rids.length === 0 || rids.length === given.length) return rids;
  throw new ArgumentError(`${name}: expected a rid in each or in none, got ${rids.length}`);
}

function memberOf(one: unknown, member: string): unknown {
  return (Object(one) as Given)[member];
}
