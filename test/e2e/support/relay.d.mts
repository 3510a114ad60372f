import type { types } from 'mediasoup-client';
import type { PacketKind } from './packet-kind.mjs';

export type Conditions = {
  /** How many of the packets are lost, 0 to 1. */
  loss?: number;
  /** The most of which are lost in a row; without limit by default. */
  inARow?: number;
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
  /** How many lose their end, and how many have a bit turned over. */
  cut?: number;
  corrupt?: number;
  /** What the conditions are for; the others pass at once. */
  kinds?: readonly PacketKind[];
};

export class Way {
  readonly packets: number;
  readonly lost: number;
  /** How many were cut or corrupted. */
  readonly damaged: number;
  /** Of all packets that came, those that were lost included. */
  readonly bytes: number;
  /** Replaces the conditions. */
  set(conditions: Conditions): void;
  /** What every packet goes through; to be watched. */
  carry(message: Buffer, deliver: (packet?: Buffer) => void): void;
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
  /** Puts a packet on its way, as if the other side had sent it. */
  inject(direction: 'up' | 'down', packet: Buffer): void;
  close(): void;
}
