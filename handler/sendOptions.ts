import { assertObject } from '../lib/arguments.js';
import type {
  HandlerSendOptions,
  ProducerCodecOptions,
  RtpEncodingParameters,
} from '../lib/mediasoupClient.js';
import { ArgumentError } from '../lib/errors.js';
import { Logger } from '../lib/Logger.js';
import { parseEncodings } from '../lib/simulcast.js';
import { warnOfUnknownMembers } from '../lib/unknownMembers.js';
import type { Encoding } from '../lib/wire.js';
import { extensionsOf } from './headerExtensions.js';
import { isToken, optional, refuse, wrong } from './options.js';
import { checkCodec } from './receiveOptions.js';

const SWITCHES = ['opusStereo', 'opusFec', 'opusDtx', 'opusNack'] as const;
const NUMBERS = [
  'opusPtime',
  'opusMaxPlaybackRate',
  'opusMaxAverageBitrate',
  'videoGoogleStartBitrate',
  'videoGoogleMinBitrate',
  'videoGoogleMaxBitrate',
] as const;

const logger = new Logger('Handler');

/** What of the options of `send()` goes to the core. Those of the codec go by the server's answer. */
export type SendSettings = { encodings: Encoding[] };

// In Hz and in bits a second, RFC 7587 section 6.1.
const PLAYBACK_RATES = [8000, 48_000] as const;
const OPUS_BITRATES = [6000, 510_000] as const;
const PACKET_TIMES: readonly unknown[] = [10, 20, 40, 60];
// In kbit/s: 1 Gbit/s.
const VIDEO_BITRATES = [1, 1_000_000] as const;

/**
 * Checks the options of `send()`.
 *
 * @throws TypeError for a wrong one and UnsupportedError for one that cannot be honoured.
 */
export function parseSendOptions(options: HandlerSendOptions): SendSettings {
  const { track, streamId, encodings = [], codec, codecOptions, onRtpSender } = options;
  if (streamId !== undefined && !isToken(streamId)) {
    throw wrong('streamId', '1 to 512 characters without white space', streamId);
  }
  if (onRtpSender !== undefined && typeof onRtpSender !== 'function') {
    throw wrong('onRtpSender', 'a function', onRtpSender);
  }
  extensionsOf(options);
  if (!Array.isArray(encodings)) throw wrong('encodings', 'an array', encodings);
  const given = encodings.map((encoding, index) => ownMembers(`encodings[${index}]`, encoding));
  optional(codecOptions, checkCodecOptions);
  optional(codec, (value) => {
    checkCodec(value, 'codec', 'preferredPayloadType');
  });
  return { encodings: parseEncodings('encodings', track.kind, given) };
}

/** Without those that mediasoup-client and the server know: they are left to them. */
function ownMembers(name: string, given: RtpEncodingParameters): object {
  if (typeof given !== 'object' || (given as unknown) === null) {
    throw wrong(name, 'an object', given);
  }
  const { dtx, ssrc, rtx, codecPayloadType, ...others } = given;
  if (dtx !== undefined && typeof dtx !== 'boolean') {
    throw wrong(`${name}.dtx`, 'true or false', dtx);
  }
  refuse(`${name}.ssrc`, ssrc);
  refuse(`${name}.rtx`, rtx);
  refuse(`${name}.codecPayloadType`, codecPayloadType);
  return others;
}

/** Those of both kinds: mediasoup-client passes them on whatever is sent. */
function checkCodecOptions(given: unknown): void {
  assertObject(given, 'codecOptions', 'an object');
  const options: ProducerCodecOptions = given;
  warnOfUnknownMembers(logger, 'codecOptions', options, [...SWITCHES, ...NUMBERS]);
  for (const name of SWITCHES) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw wrong(`codecOptions.${name}`, 'true or false', value);
    }
  }
  const { opusPtime } = options;
  if (opusPtime !== undefined && !PACKET_TIMES.includes(opusPtime)) {
    throw wrong('codecOptions.opusPtime', '10, 20, 40 or 60', opusPtime);
  }
  within(options, 'opusMaxPlaybackRate', PLAYBACK_RATES);
  within(options, 'opusMaxAverageBitrate', OPUS_BITRATES);
  within(options, 'videoGoogleStartBitrate', VIDEO_BITRATES);
  within(options, 'videoGoogleMinBitrate', VIDEO_BITRATES);
  within(options, 'videoGoogleMaxBitrate', VIDEO_BITRATES);
  const { videoGoogleMinBitrate: least, videoGoogleMaxBitrate: most } = options;
  if (least !== undefined && most !== undefined && least > most) {
    throw new ArgumentError(
      `codecOptions.videoGoogleMinBitrate: expected at most videoGoogleMaxBitrate, ${most}, got ${least}`,
    );
  }
}

function within(
  options: ProducerCodecOptions,
  name: keyof ProducerCodecOptions,
  [least, most]: readonly [number, number],
): void {
  const value: unknown = options[name];
  if (value === undefined) return;
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw wrong(`codecOptions.${name}`, `a number from ${least} to ${most}`, value);
}
