/** What -dBov (RFC 6464) is of the loudest there is: from 0, which is silence, to 1. */
export function linearLevel(dBov: number): number {
  return dBov >= 127 ? 0 : 10 ** (-dBov / 20);
}

/** How loud a received track is, by what its packets say. */
export class AudioLevelEvent extends Event {
  constructor(
    /** The loudest since the last event, from 0 to 1, as W3C's `audioLevel`. */
    readonly audioLevel: number,
    /** Whether some of it was speech. */
    readonly voice: boolean,
    /** When that was heard, in milliseconds since 1970. */
    readonly receivedAt: number,
    /** Of the last packet. */
    readonly rtpTimestamp: number,
  ) {
    super('audiolevel');
  }
}

/** Somebody began to speak, or ended. */
export class VoiceActivityEvent extends Event {
  constructor(
    /** They began. */
    readonly active: boolean,
    /** When that was found out, in milliseconds since 1970. */
    readonly receivedAt: number,
  ) {
    super('voiceactivity');
  }
}
