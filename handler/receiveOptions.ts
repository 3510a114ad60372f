import { assertArray, assertObject, assertString } from '../lib/arguments.js';
import type { HandlerReceiveOptions } from '../lib/mediasoupClient.js';
import { assertToken, oneOf, optional, whole, wrong } from './options.js';

const MOST_UINT8 = 2 ** 8 - 1;
const MOST_UINT16 = 2 ** 16 - 1;
const MOST_UINT32 = 2 ** 32 - 1;
const MOST_PAYLOAD_TYPE = 127;

/** @throws TypeError for what `receive()` is given, if it is wrong. */
export function checkReceiveOptions(options: HandlerReceiveOptions, name = 'options'): void {
  assertObject(options, name, 'an object');
  const { trackId, kind, onRtpReceiver, rtpParameters, streamId } = options;
  assertString(trackId, 'trackId');
  oneOf('audio', 'video')('kind', kind);
  checkRtpParameters(rtpParameters);
  if (onRtpReceiver !== undefined && typeof onRtpReceiver !== 'function') {
    throw wrong('onRtpReceiver', 'a function', onRtpReceiver);
  }
  if (streamId !== undefined) assertToken(streamId, 'streamId');
}

/** What of them goes to the core. */
function checkRtpParameters(given: unknown): void {
  const name = 'rtpParameters';
  assertObject(given, name, 'an object');
  const { mid, codecs, headerExtensions, encodings } = given as Record<string, unknown>;
  if (mid !== undefined) assertString(mid, `${name}.mid`);
  assertArray(codecs, `${name}.codecs`);
  for (const [index, codec] of codecs.entries()) checkCodec(codec, `${name}.codecs[${index}]`);
  optional(headerExtensions, (list) => {
    assertArray(list, `${name}.headerExtensions`);
    for (const [index, one] of list.entries()) {
      checkHeaderExtension(one, `${name}.headerExtensions[${index}]`);
    }
  });
  checkEncodings(encodings, `${name}.encodings`);
}

/** Checks a codec; `payloadTypeName` is what its number is called. */
export function checkCodec(
  given: unknown,
  name: string,
  payloadTypeName: 'payloadType' | 'preferredPayloadType' = 'payloadType',
): void {
  assertObject(given, name, 'an object');
  const codec = given as Record<string, unknown>;
  const { mimeType, clockRate, channels, parameters, rtcpFeedback } = codec;
  assertString(mimeType, `${name}.mimeType`);
  whole(`${name}.clockRate`, clockRate, MOST_UINT32);
  const payloadType = codec[payloadTypeName];
  if (payloadTypeName === 'payloadType' || payloadType !== undefined) {
    whole(`${name}.${payloadTypeName}`, payloadType, MOST_PAYLOAD_TYPE);
  }
  optional(channels, (value) => whole(`${name}.channels`, value, MOST_UINT16));
  optional(parameters, (value) => {
    checkParameters(value, `${name}.parameters`);
  });
  optional(rtcpFeedback, (list) => {
    assertArray(list, `${name}.rtcpFeedback`);
    for (const [index, one] of list.entries()) {
      checkFeedback(one, `${name}.rtcpFeedback[${index}]`);
    }
  });
}

/** What an `a=fmtp` line can hold. */
function checkParameters(given: unknown, name: string): void {
  assertObject(given, name, 'an object');
  for (const [member, value] of Object.entries(given)) {
    if (/^(string|number|boolean|undefined)$/.test(typeof value) || value === null) continue;
    throw wrong(`${name}.${member}`, 'a string or a number', value);
  }
}

function checkFeedback(given: unknown, name: string): void {
  assertObject(given, name, 'an object');
  const { type, parameter } = given as Record<string, unknown>;
  assertString(type, `${name}.type`);
  optional(parameter, (value) => {
    assertString(value, `${name}.parameter`);
  });
}

function checkHeaderExtension(given: unknown, name: string): void {
  assertObject(given, name, 'an object');
  const { uri, id } = given as Record<string, unknown>;
  assertString(uri, `${name}.uri`);
  whole(`${name}.id`, id, MOST_UINT8);
}

function checkEncodings(given: unknown, name: string): void {
  const [encoding] = Array.isArray(given) ? (given as unknown[]) : [];
  const { ssrc, rtx } = Object(encoding) as Record<string, unknown>;
  if (ssrc === undefined) throw wrong(name, 'at least one encoding, with its ssrc', given);
  if (whole(`${name}[0].ssrc`, ssrc, MOST_UINT32) === 0) {
    throw wrong(`${name}[0].ssrc`, 'another number than 0', ssrc);
  }
  optional(rtx, (value) => {
    assertObject(value, `${name}[0].rtx`, 'an object');
    whole(`${name}[0].rtx.ssrc`, (value as { ssrc?: unknown }).ssrc, MOST_UINT32);
  });
}
