import type { RecordingResult } from 'mediasoup-client-pion';

export type RecordedSync = {
  result: RecordingResult;
  lostPackets: number;
  /** Flashes with their beeps, where the beginnings of both came, and how much later the beep is in the file: in the middle, and how far off without sign. */
  pairs: number;
  medianMs: number;
  p95Ms: number;
  mostMs: number;
  /**
   * How late frames came to the network, by their timestamps, in the middle, and how late they or this process were at the
   * most. The server's reports tell of when frames came to it: who records can be no better.
   */
  usuallyLateMs: number;
  heldUpMs: number;
};

/**
 * Records flashes and beeps for so long through a network of loss, in which pictures or sound take longer. Fails if one
 * picture can't be decoded.
 */
export function recordedSync(options: {
  seconds: number;
  loss?: number;
  videoDelayMs?: number;
  audioDelayMs?: number;
}): Promise<RecordedSync>;
