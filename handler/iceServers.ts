import { ArgumentError, UnsupportedError, describe } from '../lib/errors.js';
import type { ICEServer as IceServer } from '../lib/wire.js';
import { wrong } from './options.js';

const MAX_PORT = 65535;

/**
 * Checks a list of ICE servers.
 *
 * @throws TypeError for a wrong one and UnsupportedError for one that cannot be honoured.
 */
export function parseIceServers(given: unknown, name = 'iceServers'): IceServer[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw wrong(name, 'an array', given);
  return given.map((server: unknown, index) => parseIceServer(`${name}[${index}]`, server));
}

function parseIceServer(name: string, given: unknown): IceServer {
  if (typeof given !== 'object' || given === null) throw wrong(name, 'an object', given, 'secret');
  const { urls, username, credential, credentialType } = given as Record<string, unknown>;
  const list: unknown[] = Array.isArray(urls) ? urls : [urls];
  if (list.length === 0) throw wrong(`${name}.urls`, 'at least one URL', urls);
  for (const [property, value] of Object.entries({ username, credential })) {
    if (value !== undefined && typeof value !== 'string') {
      throw wrong(`${name}.${property}`, 'a string', value, 'secret');
    }
  }
  if (credentialType !== undefined && credentialType !== 'password') {
    throw new UnsupportedError(`${name}.credentialType: expected "password"`);
  }
  const checked = list.map((url) => {
    if (typeof url !== 'string' || !isIceUrl(url)) {
      throw wrong(`${name}.urls`, 'stun:, turn: or turns: URLs', url);
    }
    if (/^stuns/i.test(url)) {
      throw new UnsupportedError(
        `${name}.urls: ${describe(url)} is not supported: expected stun: without TLS`,
      );
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

/** RFC 7064 and RFC 7065: a name or an address, a port, and TURN's transport. */
function isIceUrl(url: string): boolean {
  const parts =
    /^(?:stuns?|(turns?)):(?:\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d+))?(\?transport=(?:udp|tcp))?$/i;
  const match = parts.exec(url);
  if (!match) return false;
  const [, turn, port = '1', transport] = match;
  return Number(port) >= 1 && Number(port) <= MAX_PORT && (!transport || Boolean(turn));
}
