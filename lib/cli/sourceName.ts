/** What looks like a URL is one; a file of such a name is written ./name. */
export const isUrl = (source: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(source);

/** A source as it is shown: a URL without its user, its password, and what comes after `?`, as in the core's messages. */
export function sourceName(source: string): string {
  if (!isUrl(source)) return source;
  try {
    const { protocol, host, pathname, search } = new URL(source);
    return `${protocol}//${host}${pathname}${search && '?…'}`;
  } catch {
    return `${source.slice(0, source.indexOf(':'))}:…`;
  }
}
