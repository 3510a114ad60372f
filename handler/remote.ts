import { assertArray, assertObject } from '../lib/arguments.js';
import type { HandlerOptions } from '../lib/mediasoupClient.js';
import { assertToken, oneOf, optional, whole, wrong } from './options.js';

const MOST_UINT16 = 2 ** 16 - 1;
const MOST_UINT32 = 2 ** 32 - 1;

// RFC 8839 section 5.1.
const FOUNDATION = /^[A-Za-z0-9+/]{1,32}$/;

type Given = Record<string, unknown>;

/**
 * Checks what a transport is told of its server: it is used when the first track or channel is, which is late to hear of it.
 *
 * @throws TypeError that names what is wrong.
 */
export function checkRemote(options: HandlerOptions): void {
  assertObject(options, 'options', 'an object');
  const { direction, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = options;
  oneOf('send', 'recv')('direction', direction);
  checkIceParameters(iceParameters);
  assertArray(iceCandidates, 'iceCandidates');
  for (const [index, one] of [...iceCandidates].entries()) {
    checkCandidate(one, `iceCandidates[${index}]`);
  }
  checkDtlsParameters(dtlsParameters);
  optional(sctpParameters, checkSctpParameters);
  const { getSendExtendedRtpCapabilities: extend } = options;
  if (direction === 'send' && typeof (extend as unknown) !== 'function') {
    throw wrong('getSendExtendedRtpCapabilities', 'a function', extend);
  }
}

/** Less than parseIceParameters() asks of those that are new: some servers have had others. */
function checkIceParameters(given: unknown): void {
  assertObject(given, 'iceParameters', 'an object');
  const { usernameFragment, password } = given as Given;
  assertToken(usernameFragment, 'iceParameters.usernameFragment');
  assertToken(password, 'iceParameters.password');
}

function checkCandidate(given: unknown, name: string): void {
  assertObject(given, name, 'an object');
  const { foundation, priority, address, ip, protocol, port, type, tcpType } = given as Given;
  if (typeof foundation !== 'string' || !FOUNDATION.test(foundation)) {
    throw wrong(`${name}.foundation`, '1 to 32 letters, digits, "+" or "/"', foundation);
  }
  whole(`${name}.priority`, priority, MOST_UINT32);
  // Servers before mediasoup 3.13 have only the deprecated name.
  // Whether it is an address is looked at when it is used: apps make transports that never connect, in their tests.
  assertToken(address ?? ip, `${name}.address`);
  oneOf('udp', 'tcp')(`${name}.protocol`, protocol);
  whole(`${name}.port`, port, MOST_UINT16);
  oneOf('host', 'srflx', 'prflx', 'relay')(`${name}.type`, type);
  optional(tcpType, (value) => {
    oneOf('active', 'passive', 'so')(`${name}.tcpType`, value);
  });
}

function checkDtlsParameters(given: unknown): void {
  assertObject(given, 'dtlsParameters', 'an object');
  const { role, fingerprints } = given as Given;
  optional(role, (value) => {
    oneOf('auto', 'client', 'server')('dtlsParameters.role', value);
  });
  assertArray(fingerprints, 'dtlsParameters.fingerprints');
  if (fingerprints.length === 0) {
    throw wrong('dtlsParameters.fingerprints', 'at least one', fingerprints);
  }
  for (const [index, one] of fingerprints.entries()) {
    const name = `dtlsParameters.fingerprints[${index}]`;
    assertObject(one, name, 'an object');
    const { algorithm, value } = one as Given;
    assertToken(algorithm, `${name}.algorithm`);
    assertToken(value, `${name}.value`);
  }
}

function checkSctpParameters(given: unknown): void {
  assertObject(given, 'sctpParameters', 'an object');
  const { port, MIS, maxReceiveMessageSize, maxSendMessageSize } = given as Given;
  whole('sctpParameters.port', port, MOST_UINT16);
  optional(MIS, (value) => whole('sctpParameters.MIS', value, MOST_UINT16));
  for (const [name, size] of Object.entries({ maxReceiveMessageSize, maxSendMessageSize })) {
    optional(size, (value) => whole(`sctpParameters.${name}`, value, Number.MAX_SAFE_INTEGER));
  }
}
