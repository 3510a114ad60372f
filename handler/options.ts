import { assertObject } from '../lib/arguments.js';
import type {
  IceParameters,
  SctpParameters,
  SctpStreamParameters,
} from '../lib/mediasoupClient.js';
import type { DataChannelInit } from '../lib/DataChannel.js';
import { ArgumentError, UnsupportedError, describe } from '../lib/errors.js';

const MAX_UINT16 = 65535;
// 65535 is not a stream (RFC 8831).
const MAX_STREAM_ID = 65534;

/**
 * Checks credentials of the server's ICE (RFC 8839 section 5.4).
 *
 * @throws TypeError if they are none.
 */
export function parseIceParameters(given: IceParameters): IceParameters {
  assertObject(given, 'iceParameters', 'an object');
  const { usernameFragment, password } = given;
  const lengths = { usernameFragment: [4, 256], password: [22, 256] } as const;
  for (const [name, value] of Object.entries({ usernameFragment, password })) {
    const [least, most] = lengths[name as keyof typeof lengths];
    const isCredential =
      typeof value === 'string' &&
      /^[A-Za-z0-9+/]*$/.test(value) &&
      value.length >= least &&
      value.length <= most;
    if (!isCredential) {
      const expected = `${least} to ${most} letters, digits, "+" or "/"`;
      throw wrong(`iceParameters.${name}`, expected, value, 'secret');
    }
  }
  return given;
}

/**
 * Checks what a data channel is to be like.
 *
 * @throws TypeError for a wrong parameter, UnsupportedError if the server has no SCTP.
 */
export function parseChannelOptions(
  given: SctpStreamParameters,
  sctpParameters: SctpParameters | undefined,
): DataChannelInit {
  if (!sctpParameters) throw new UnsupportedError('the server has SCTP not enabled');
  assertObject(given, 'sctpStreamParameters', 'an object');
  const { streamId, ordered = true, maxPacketLifeTime, maxRetransmits } = given;
  if (maxPacketLifeTime !== undefined && maxRetransmits !== undefined) {
    throw new ArgumentError(
      'expected at most one of maxPacketLifeTime and maxRetransmits, got ' +
        `${describe(maxPacketLifeTime)} and ${describe(maxRetransmits)}`,
    );
  }
  if (typeof (ordered as unknown) !== 'boolean') {
    throw wrong('sctpStreamParameters.ordered', 'true or false', ordered);
  }
  return {
    id: whole('sctpStreamParameters.streamId', streamId, MAX_STREAM_ID),
    label: shortText('label', given.label),
    protocol: shortText('protocol', given.protocol),
    ordered,
    maxMessageSize: sctpParameters.maxReceiveMessageSize,
    ...(maxPacketLifeTime === undefined
      ? {}
      : { maxPacketLifeTime: whole('maxPacketLifeTime', maxPacketLifeTime, MAX_UINT16) }),
    ...(maxRetransmits === undefined
      ? {}
      : { maxRetransmits: whole('maxRetransmits', maxRetransmits, MAX_UINT16) }),
  };
}

/** A whole number from 0 on. */
export function whole(name: string, given: unknown, max: number): number {
  if (Number.isInteger(given) && (given as number) >= 0 && (given as number) <= max) {
    return given as number;
  }
  throw wrong(name, `an integer from 0 to ${max}`, given);
}

/** Checks what is there; what is null is not, as in JSON of some servers. */
export function optional(given: unknown, check: (value: unknown) => void): void {
  if (given !== undefined && given !== null) check(given);
}

/** One of a few texts. */
export function oneOf(...values: string[]): (name: string, value: unknown) => void {
  return (name, value) => {
    if (values.includes(value as string)) return;
    throw wrong(name, values.map((one) => `"${one}"`).join(' or '), value);
  };
}

/** W3C: at most 65535 bytes of UTF-8. */
function shortText(name: string, given: unknown = ''): string {
  if (typeof given !== 'string') throw wrong(name, 'a string', given);
  const bytes = Buffer.byteLength(given);
  if (bytes <= MAX_UINT16) return given;
  throw new ArgumentError(`${name}: expected at most ${MAX_UINT16} bytes, got ${bytes}`);
}

/** An identifier for `a=msid` made of a track's id, which may be any text. */
export function msidToken(id: string): string {
  return isToken(id) ? id : encodeURIComponent(id).slice(0, 512) || '-';
}

/** Whether `text` can stand in `a=msid` (RFC 8830). */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[!-~]{1,512}$/.test(text);
}

/** @throws TypeError if it can't. */
export function assertToken(given: unknown, name: string): asserts given is string {
  if (!isToken(given)) throw wrong(name, '1 to 512 characters without white space', given);
}

/** Refuses an option that asks for something; its being off asks for nothing. */
export function refuse(name: string, value: unknown): void {
  if (value === undefined || value === null || value === false) return;
  throw new UnsupportedError(`${name} is not supported`);
}

/** The refusal of an argument. Of what may be a secret it tells the type alone. */
export function wrong(
  name: string,
  expected: string,
  given: unknown,
  kind?: 'secret',
): ArgumentError {
  const got = kind === 'secret' ? `a value of type ${typeof given}` : describe(given);
  return new ArgumentError(`${name}: expected ${expected}, got ${got}`);
}
