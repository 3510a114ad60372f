/** How the channels of multi-channel Opus are spread over its streams (RFC 7845 section 5.1.1). */
export type OpusLayout = {
  channels: number;
  streams: number;
  coupled: number;
  mapping: number[];
  /** What each packet plays; 20. */
  packetMs?: number;
};

/** A file of Opus, of mapping family 1, of the given packets. */
export function oggOpus(packets: Buffer[], layout: OpusLayout): Buffer;
