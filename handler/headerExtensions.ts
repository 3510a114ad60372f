import type { HandlerSendOptions, RtpCapabilities } from '../lib/mediasoupClient.js';
import { ArgumentError, UnsupportedError } from '../lib/errors.js';
import { refuse, wrong } from './options.js';

/** RTP header extensions, by their URI, that are to be used, or not. */
export type ForcedRtpExtensions = Readonly<Record<string, boolean>>;

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';

/** What nobody has unless the app asks for it. */
const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';

/**
 * Checks `forcedRtpExtensions`.
 *
 * @throws TypeError if it is not an object of booleans, or leaves out what W3C has for mandatory.
 */
export function parseForcedRtpExtensions(given: unknown = {}): ForcedRtpExtensions {
  if (typeof given !== 'object' || given === null) {
    throw wrong('forcedRtpExtensions', 'an object', given);
  }
  for (const [uri, value] of Object.entries(given)) {
    if (typeof value !== 'boolean') {
      throw wrong(`forcedRtpExtensions["${uri}"]`, 'true or false', value);
    }
  }
  const forced = given as ForcedRtpExtensions;
  if (forced[MID] === false) {
    throw new ArgumentError(`forcedRtpExtensions["${MID}"]: expected true, since it is mandatory`);
  }
  return { ...forced };
}

/**
 * The header extensions that `headerExtensionOptions` of `produce()` ask for, an option of older
 * versions of mediasoup-client.
 *
 * @throws TypeError or UnsupportedError for an option that is wrong or unknown.
 */
export function extensionsOf(options: HandlerSendOptions): ForcedRtpExtensions {
  const { headerExtensionOptions: given = {} } = options as { headerExtensionOptions?: unknown };
  if (typeof given !== 'object' || given === null) {
    throw wrong('headerExtensionOptions', 'an object', given);
  }
  const { absCaptureTime, ...others } = given as Record<string, unknown>;
  for (const [name, value] of Object.entries(others)) {
    refuse(`headerExtensionOptions.${name}`, value);
  }
  if (absCaptureTime === undefined) return {};
  if (typeof absCaptureTime !== 'boolean') {
    throw wrong('headerExtensionOptions.absCaptureTime', 'true or false', absCaptureTime);
  }
  return absCaptureTime ? { [ABS_CAPTURE_TIME]: true } : {};
}

/**
 * Checks that what is to be used is among the capabilities.
 *
 * @throws UnsupportedError if it is not.
 */
export function assertKnown(
  { headerExtensions = [] }: RtpCapabilities,
  forced: ForcedRtpExtensions,
): void {
  const known = [...new Set<string>(headerExtensions.map(({ uri }) => uri))];
  const missing = Object.keys(forced).find((uri) => forced[uri] && !known.includes(uri));
  if (missing === undefined) return;
  throw new UnsupportedError(
    `forcedRtpExtensions: "${missing}" is not supported: expected one of ${known.join(', ')}`,
  );
}

/** Takes out of capabilities the header extensions that are not to be used. */
export function forceHeaderExtensions(
  { headerExtensions = [], ...others }: RtpCapabilities,
  forced: ForcedRtpExtensions,
): RtpCapabilities {
  return {
    ...others,
    headerExtensions: headerExtensions.filter(({ uri }) => forced[uri] ?? uri !== ABS_CAPTURE_TIME),
  };
}
