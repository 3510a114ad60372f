import type {
  HandlerOptions,
  HandlerReceiveOptions,
  IceCandidate,
  SctpParameters,
  SctpStreamParameters,
} from 'mediasoup-client/types';
import type { DataChannelInit } from '../lib/DataChannel.js';
import { ArgumentError, UnsupportedError, describe } from '../lib/errors.js';
import type { Peer } from '../lib/Peer.js';

type PeerOptions = ConstructorParameters<typeof Peer>[1];
type IceServer = PeerOptions['iceServers'][number];

const MAX_UINT16 = 65535;
// 65535 is not a stream (RFC 8831).
const MAX_STREAM_ID = 65534;

/**
 * Checks the options of a transport.
 *
 * @throws TypeError for a wrong one and UnsupportedError for one that cannot be honoured.
 */
export function parseTransportOptions({
  iceCandidates,
  iceServers,
  iceTransportPolicy = 'all',
  additionalSettings,
  ...others
}: Pick<HandlerOptions, 'iceCandidates' | 'iceServers' | 'additionalSettings'> & {
  // An app in JavaScript may give any text.
  iceTransportPolicy?: string | undefined;
  forcedRtpExtensions?: Record<string, boolean>;
}): PeerOptions {
  if (iceTransportPolicy !== 'all' && iceTransportPolicy !== 'relay') {
    throw wrong('iceTransportPolicy', '"all" or "relay"', iceTransportPolicy);
  }
  for (const [name, value] of Object.entries<unknown>(additionalSettings ?? {})) {
    // W3C's default, which is what happens.
    if (value === undefined || (name === 'iceCandidatePoolSize' && value === 0)) continue;
    throw new UnsupportedError(`additionalSettings.${name} is not supported`);
  }
  refuseForcedRtpExtensions(others.forcedRtpExtensions);
  return {
    iceServers: parseIceServers(iceServers),
    iceTransportPolicy,
    loopback: iceCandidates.some(isLoopback),
  };
}

function refuseForcedRtpExtensions(forced: Record<string, boolean> = {}): void {
  const uri = Object.keys(forced)[0];
  if (uri !== undefined) {
    throw new UnsupportedError(`forcedRtpExtensions: "${uri}" is not supported`);
  }
}

function isLoopback(candidate: Partial<IceCandidate>): boolean {
  // Servers before mediasoup 3.13 have only the deprecated name.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const host = candidate.address ?? candidate.ip ?? '';
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}

function parseIceServers(given: unknown): IceServer[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw wrong('iceServers', 'an array', given);
  return given.map((server: unknown, index) => parseIceServer(`iceServers[${index}]`, server));
}

function parseIceServer(name: string, given: unknown): IceServer {
  if (typeof given !== 'object' || given === null) throw wrong(name, 'an object', given);
  const { urls, username, credential, credentialType } = given as Record<string, unknown>;
  const list: unknown[] = Array.isArray(urls) ? urls : [urls];
  if (list.length === 0) throw wrong(`${name}.urls`, 'at least one URL', urls);
  for (const [property, value] of Object.entries({ username, credential })) {
    if (value !== undefined && typeof value !== 'string') {
      throw wrong(`${name}.${property}`, 'a string', value);
    }
  }
  if (credentialType !== undefined && credentialType !== 'password') {
    throw new UnsupportedError(`${name}.credentialType: expected "password"`);
  }
  const checked = list.map((url) => {
    if (typeof url !== 'string' || !/^(stun|turn)s?:./i.test(url)) {
      throw wrong(`${name}.urls`, 'stun:, stuns:, turn: or turns: URLs', url);
    }
    if (/^turn/i.test(url) && !(username && credential)) {
      throw new ArgumentError(`${name}: expected a username and a credential for ${url}`);
    }
    return url;
  });
  return {
    urls: checked,
    ...(typeof username === 'string' ? { username } : {}),
    ...(typeof credential === 'string' ? { credential } : {}),
  };
}

/** @throws TypeError for an option of `receive()` that is wrong. */
export function checkReceiveOptions({ onRtpReceiver, streamId }: HandlerReceiveOptions): void {
  if (onRtpReceiver !== undefined && typeof onRtpReceiver !== 'function') {
    throw wrong('onRtpReceiver', 'a function', onRtpReceiver);
  }
  if (streamId !== undefined && !isToken(streamId)) {
    throw wrong('streamId', '1 to 512 characters without white space', streamId);
  }
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
  const { streamId, ordered = true, maxPacketLifeTime, maxRetransmits } = given;
  if (maxPacketLifeTime !== undefined && maxRetransmits !== undefined) {
    throw new ArgumentError(
      'expected at most one of maxPacketLifeTime and maxRetransmits, got ' +
        `${maxPacketLifeTime} and ${maxRetransmits}`,
    );
  }
  return {
    id: integer('sctpStreamParameters.streamId', streamId, MAX_STREAM_ID),
    label: shortText('label', given.label),
    protocol: shortText('protocol', given.protocol),
    ordered,
    maxMessageSize: sctpParameters.maxReceiveMessageSize,
    ...(maxPacketLifeTime === undefined
      ? {}
      : { maxPacketLifeTime: integer('maxPacketLifeTime', maxPacketLifeTime, MAX_UINT16) }),
    ...(maxRetransmits === undefined
      ? {}
      : { maxRetransmits: integer('maxRetransmits', maxRetransmits, MAX_UINT16) }),
  };
}

function integer(name: string, given: unknown, max: number): number {
  if (Number.isInteger(given) && (given as number) >= 0 && (given as number) <= max) {
    return given as number;
  }
  throw wrong(name, `an integer from 0 to ${max}`, given);
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

/** Refuses an option that asks for something; its being off asks for nothing. */
export function refuse(name: string, value: unknown): void {
  if (value === undefined || value === null || value === false) return;
  throw new UnsupportedError(`${name} is not supported`);
}

/** The refusal of an argument. */
export function wrong(name: string, expected: string, given: unknown): ArgumentError {
  return new ArgumentError(`${name}: expected ${expected}, got ${describe(given)}`);
}
