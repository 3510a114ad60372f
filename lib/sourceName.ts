import { isAbsolute, resolve } from 'node:path';

/** What looks like a URL is one; a file of such a name is written ./name. */
export const isUrl = (source: string): boolean => /^[a-z][a-z\d+.,-]*:.*\/\//is.test(source);

/**
 * Makes a path absolute. URLs stay: the core judges them, and finds out which file one of `file:`
 * means.
 */
export function absoluteFile(source: string): string {
  const path = /^file:(.*)$/is.exec(source)?.[1];
  if (path !== undefined) return `file:${isAbsolute(path) ? path : resolve(path)}`;
  return isUrl(source) ? source : resolve(source);
}

/** A source as it is shown: a URL without its user, its password, and what comes after `?`, as in the core's messages. */
export function sourceName(source: string): string {
  if (/^file:/i.test(source) || !isUrl(source)) return source;
  const hidden = `${source.slice(0, source.indexOf(':'))}:…`;
  try {
    const { protocol, username, port, host, pathname, search } = new URL(source);
    // A password of digits that is not percent-encoded looks like a port: ann:12#3@host.
    if (host === '' || (username === '' && port !== '' && source.includes('@'))) return hidden;
    return `${protocol}//${host}${pathname}${search && '?…'}`;
  } catch {
    return hidden;
  }
}

/** What was to be a URL and is none, as it is shown. */
export function brokenUrlName(given: unknown): unknown {
  if (typeof given !== 'string' || !/[@?#]/.test(given)) return given;
  const scheme = /^[a-z][a-z\d+.-]*:/i.exec(given)?.[0] ?? '';
  return `${scheme}…`;
}
