import type { TestContext } from 'node:test';
import type { types } from 'mediasoup';

export type PlainPacket = {
  /** The byte of RFC 6464: -dBov, and 128 more for voice. */
  level?: number;
  csrcs?: number[];
  payload?: Buffer;
  payloadType?: number;
  marker?: boolean;
  /** The RTP timestamp, unless it is that of the stream. */
  at?: number;
};

export const PCMU: types.RtpCodecParameters;

export function plainSender(
  t: TestContext,
  server: object,
  options?: { codecs?: types.RtpCodecParameters[]; ssrc?: number },
): Promise<{
  producer: types.Producer;
  send: (packet?: PlainPacket) => void;
  play: (packet: () => PlainPacket) => void;
  stop: () => void;
}>;
