import path from 'node:path';
import type { Probe, SourceSpec } from '../wire.js';
import { CoreSession } from './CoreSession.js';
import { isUrl, sourceName } from './sourceName.js';

/** What `probe --json` prints. `source` is without a URL's secrets. */
export type ProbeReport = { source: string } & Probe;

/**
 * Tells what a file or a URL holds, and how it would be sent.
 *
 * @param timeout - To open it, in seconds.
 * @throws As `getUserMedia()` does.
 */
export async function probe(source: string, timeout: number | undefined): Promise<ProbeReport> {
  const session = new CoreSession();
  try {
    const spec: SourceSpec = {
      ...specOf(source),
      loop: false,
      audio: true,
      video: true,
      ...(timeout === undefined ? {} : { timeout: Math.round(timeout * 1000) }),
    };
    return {
      source: sourceName(source),
      ...(await session.probe(spec, await session.codecs('sendonly'))),
    };
  } finally {
    await session.close();
  }
}

function specOf(source: string): { type: string; value: string } {
  if (/^file:/i.test(source)) return { type: 'file', value: source };
  if (isUrl(source)) return { type: 'url', value: source };
  return { type: 'file', value: path.resolve(source) };
}
