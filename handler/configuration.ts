import type { HandlerOptions, IceCandidate } from '../lib/mediasoupClient.js';
import { UnsupportedError } from '../lib/errors.js';
import type { Peer } from '../lib/Peer.js';
import { parseIceServers } from './iceServers.js';
import { oneOf, wrong } from './options.js';

type PeerOptions = ConstructorParameters<typeof Peer>[1];
type Configuration = Omit<PeerOptions, 'loopback'>;
type Checks = Readonly<Record<string, (name: string, value: unknown) => void>>;

const MAX_OCTET = 255;

/** IANA's names (RFC 5764, RFC 7714) of what SRTP can be protected by. */
const SRTP_PROFILES = [
  'SRTP_AEAD_AES_256_GCM',
  'SRTP_AEAD_AES_128_GCM',
  'SRTP_AES128_CM_HMAC_SHA1_80',
];

/** What the core is told; the last two are our own. */
const CORE_SETTINGS = [
  'iceServers',
  'iceTransportPolicy',
  'iceCandidatePoolSize',
  'excludedInterfaces',
  'srtpProfiles',
];

/** What may stand beside that, as what happens anyway. */
const CHECKS: Checks = {
  // The server bundles all media and multiplexes RTCP, so each policy comes to the same.
  bundlePolicy: oneOf('balanced', 'max-compat', 'max-bundle'),
  rtcpMuxPolicy: oneOf('require', 'negotiate'),
  // Of browsers, not of W3C.
  sdpSemantics(name, value) {
    if (value === 'plan-b') {
      throw new UnsupportedError(`${name}: "plan-b" is not supported: expected "unified-plan"`);
    }
    oneOf('unified-plan')(name, value);
  },
  // Where it is true, browsers have createEncodedStreams(), which is always there here.
  encodedInsertableStreams(name, value) {
    if (typeof value !== 'boolean') throw wrong(name, 'true or false', value);
  },
  certificates(name, value) {
    if (!Array.isArray(value)) throw wrong(name, 'an array', value);
    if (value.length === 0) return;
    throw new UnsupportedError(
      `${name} is not supported: each transport makes a certificate of its own`,
    );
  },
};

/**
 * Checks the options of a transport.
 *
 * @throws TypeError for a wrong one and UnsupportedError for one that cannot be honoured.
 */
export function parseTransportOptions({
  iceCandidates,
  iceServers,
  iceTransportPolicy,
  additionalSettings,
}: Pick<HandlerOptions, 'iceCandidates' | 'iceServers' | 'additionalSettings'> & {
  // An app in JavaScript may give any text.
  iceTransportPolicy?: string | undefined;
}): PeerOptions {
  return {
    ...parseConfiguration({ iceServers, iceTransportPolicy }, additionalSettings),
    loopback: iceCandidates.some(isLoopback),
  };
}

function isLoopback(candidate: Partial<IceCandidate>): boolean {
  // Servers before mediasoup 3.13 have only the deprecated name.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const host = candidate.address ?? candidate.ip ?? '';
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}

/**
 * Checks W3C's RTCConfiguration: what the options of a transport make of it, and the app's
 * `additionalSettings`, which rule, as in mediasoup-client's handlers of browsers.
 *
 * @throws TypeError for a wrong member and UnsupportedError for one that cannot be honoured.
 */
function parseConfiguration(
  options: { iceServers: unknown; iceTransportPolicy: unknown },
  additionalSettings: unknown = {},
): Configuration {
  if (typeof additionalSettings !== 'object' || additionalSettings === null) {
    throw wrong('additionalSettings', 'an object', additionalSettings);
  }
  const settings = additionalSettings as Record<string, unknown>;
  const nameOf = (name: string) => (name in settings ? `additionalSettings.${name}` : name);
  const given: Record<string, unknown> = { ...options, ...settings };
  const {
    iceServers,
    iceTransportPolicy = 'all',
    iceCandidatePoolSize = 0,
    excludedInterfaces = [],
    srtpProfiles,
    ...others
  } = given;

  if (iceTransportPolicy !== 'all' && iceTransportPolicy !== 'relay') {
    throw wrong(nameOf('iceTransportPolicy'), '"all" or "relay"', iceTransportPolicy);
  }
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : refuseUnknown;
    check?.(nameOf(name), value);
  }
  return {
    iceServers: parseIceServers(iceServers, nameOf('iceServers')),
    iceTransportPolicy,
    ...poolSize(nameOf('iceCandidatePoolSize'), iceCandidatePoolSize),
    ...interfaces(nameOf('excludedInterfaces'), excludedInterfaces),
    ...profiles(nameOf('srtpProfiles'), srtpProfiles),
  };
}

/** W3C: an octet; 0 is the default. */
function poolSize(name: string, given: unknown): Pick<Configuration, 'iceCandidatePoolSize'> {
  if (!Number.isInteger(given) || (given as number) < 0 || (given as number) > MAX_OCTET) {
    throw wrong(name, `an integer from 0 to ${MAX_OCTET}`, given);
  }
  return given === 0 ? {} : { iceCandidatePoolSize: given as number };
}

function interfaces(name: string, given: unknown): Pick<Configuration, 'excludedInterfaces'> {
  if (!Array.isArray(given)) throw wrong(name, 'an array of names of interfaces', given);
  const excludedInterfaces = given.map((one: unknown, index) => {
    if (typeof one === 'string' && one !== '') return one;
    throw wrong(`${name}[${index}]`, 'the name of an interface', one);
  });
  return excludedInterfaces.length === 0 ? {} : { excludedInterfaces };
}

function profiles(name: string, given: unknown): Pick<Configuration, 'srtpProfiles'> {
  if (given === undefined) return {};
  if (!Array.isArray(given) || given.length === 0) {
    throw wrong(name, 'an array of at least one name', given);
  }
  for (const [index, one] of given.entries()) oneOf(...SRTP_PROFILES)(`${name}[${index}]`, one);
  return { srtpProfiles: [...new Set(given as string[])] };
}

/** What a browser leaves out without a word would not be in force here either: say so. */
function refuseUnknown(name: string, value: unknown): void {
  if (value === null || value === false) return;
  const known = [...CORE_SETTINGS, ...Object.keys(CHECKS)].join(', ');
  throw new UnsupportedError(`${name} is not supported: expected one of ${known}`);
}
