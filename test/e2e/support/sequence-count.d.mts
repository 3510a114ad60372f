/** Follows the sequence numbers of a stream. */
export class SequenceCount {
  /** How many different ones there were. */
  readonly packets: number;
  /** How many are missing between the first and the newest. */
  readonly missing: number;
  next(): SequenceCount;
  add(sequenceNumber: number): void;
}
