import { linearLevel } from './audioLevels.js';
import type { Bridge } from './bridge.js';
import { Query, QUERY_NO_LEVEL } from './wire.js';

/** The flag of speech in the byte of RFC 6464. */
const VOICE = 0x80;

/** W3C's dictionary, with the flag that its first edition had. */
export type SynchronizationSource = RTCRtpSynchronizationSource & {
  /** There is speech in the packet, by its sender. */
  voiceActivityFlag?: boolean;
};

export type ReceivedSources = {
  synchronization: SynchronizationSource[];
  contributing: RTCRtpContributingSource[];
};

/** Who was heard within the last ten seconds in what a receiver gets, as it is now. */
export function receivedSources(bridge: Bridge, handle: number): ReceivedSources {
  const sources: ReceivedSources = { synchronization: [], contributing: [] };
  const count = bridge.query(handle, Query.Sources);
  for (let index = 0; index < count; index += 1) {
    const source = {
      source: bridge.query(handle, Query.SourceSSRC, index),
      timestamp: bridge.query(handle, Query.SourceTime, index) / 1000,
      rtpTimestamp: bridge.query(handle, Query.SourceTimestamp, index),
    };
    if (bridge.query(handle, Query.SourceMixed, index) === 1) {
      sources.contributing.push(source);
      continue;
    }
    const level = bridge.query(handle, Query.SourceLevel, index);
    sources.synchronization.push(
      level === QUERY_NO_LEVEL
        ? source
        : {
            ...source,
            audioLevel: linearLevel(level & ~VOICE),
            voiceActivityFlag: (level & VOICE) !== 0,
          },
    );
  }
  return sources;
}
