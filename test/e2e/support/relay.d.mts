import type { types } from 'mediasoup-client';

export type Conditions = {
  /** How many of the packets are lost, 0 to 1. */
  loss?: number;
  /** How many arrive twice. */
  duplicate?: number;
  /** Time that every packet takes. */
  delayMs?: number;
  /** How many take `reorderMs` (20) longer, and are overtaken. */
  reorder?: number;
  reorderMs?: number;
  /** Bits a second, without limit by default. What would wait longer than `queueMs` (300) is lost. */
  bitrate?: number;
  queueMs?: number;
};

export class Way {
  readonly packets: number;
  readonly lost: number;
  /** Of all packets that came, those that were lost included. */
  readonly bytes: number;
  /** Replaces the conditions. */
  set(conditions: Conditions): void;
  /** What every packet goes through; to be watched. */
  carry(message: Buffer, deliver: () => void): void;
}

/** A UDP network between a client and the server. `up` is the way from the client to the server. */
export class Relay {
  readonly up: Way;
  readonly down: Way;
  constructor(options?: { ip?: string; seed?: number; up?: Conditions; down?: Conditions });
  /** Candidates that lead through the relay to the given ones, of which only UDP's are kept. */
  route(iceCandidates: types.IceCandidate[]): Promise<types.IceCandidate[]>;
  /** The server sees the clients at other addresses from now on, and no way leads to the old ones. */
  rebind(): void;
  close(): void;
}
