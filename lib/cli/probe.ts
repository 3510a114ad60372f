import type { Probe, SourceSpec } from '../wire.js';
import { absoluteFile, sourceName } from '../sourceName.js';
import { CoreSession } from './CoreSession.js';

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
      type: 'file',
      value: absoluteFile(source),
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
