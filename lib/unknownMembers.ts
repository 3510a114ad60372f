import type { Logger } from './Logger.js';

/**
 * Warns of members of an app's object that nothing reads: a misspelt one would go unnoticed. They are no error, as
 * mediasoup-client-aiortc ignored them and apps may pass objects of their own.
 */
export function warnOfUnknownMembers(
  logger: Logger,
  name: string,
  given: object,
  known: readonly string[],
): void {
  for (const member of Object.keys(given)) {
    if (known.includes(member)) continue;
    logger.warn('%s.%s is ignored: expected %s', name, member, known.join(', '));
  }
}
