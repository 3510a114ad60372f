import type { types as server } from 'mediasoup';

/**
 * performance.now() at which the server told of the first RTP packet. Call it in a 'producer' or 'consumer' event of a
 * room's server. The 'keyframe' trace stays on afterwards.
 */
export function firstPacket(object: server.Producer | server.Consumer): Promise<number>;

/** Counts keyframes from now on, while the object's 'keyframe' trace is on. */
export function countKeyframes(object: server.Producer | server.Consumer): {
  readonly count: number;
};
