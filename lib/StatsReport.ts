/** The types of entries that there are, which docs/stats.md has with their members. */
export type StatsType =
  | 'candidate-pair'
  | 'certificate'
  | 'codec'
  | 'data-channel'
  | 'inbound-rtp'
  | 'local-candidate'
  | 'media-source'
  | 'outbound-rtp'
  | 'peer-connection'
  | 'remote-candidate'
  | 'remote-inbound-rtp'
  | 'remote-outbound-rtp'
  | 'transport';

/** One entry of a stats report; `timestamp` is in milliseconds since the epoch. */
export type StatsEntry = {
  /** Unique in its report, and the same in the next. */
  id: string;
  /** W3C's RTCStatsType. */
  type: StatsType;
  /** Milliseconds since the epoch. */
  timestamp: number;
  [member: string]: unknown;
};

/**
 * W3C's RTCStatsReport: a Map from the id to the entry, in the order in which the core gave them.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcstatsreport-object
 */
// RTCStatsReport is a Map of `any` in TypeScript's DOM library.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export class StatsReport extends Map<string, any> implements RTCStatsReport {
  constructor(entries: Iterable<StatsEntry> = []) {
    super();
    for (const entry of entries) this.set(entry.id, entry);
  }
}

Object.defineProperty(StatsReport.prototype, Symbol.toStringTag, {
  value: 'RTCStatsReport',
  configurable: true,
});
