import type { types as server } from 'mediasoup';
import type { PlainTap } from './room.mjs';

/** Frames a second of the packets from now on: of the step between timestamps that most have. */
export function frameRate(tap: PlainTap, options?: { frames?: number }): Promise<number>;

/** Resolves when the server passes on those layers to the tap. */
export function preferLayers(
  tap: PlainTap,
  layers: { spatialLayer: number; temporalLayer: number },
): Promise<void>;

/** The entries of one type of a stats report, those of outbound-rtp in the order of their encodings. */
export function entriesOf(
  report: RTCStatsReport,
  type?: string,
): Record<string, number | string | boolean | undefined>[];

/** What the server knows of a producer's streams, in the order of their encodings. */
export function streamsOf(producer: server.Producer): Promise<server.ProducerStat[]>;
