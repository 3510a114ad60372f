/** Follows the sequence numbers of a stream: which are missing of those between the first and the newest. */
export class SequenceCount {
  #seen = new Set();
  #first;
  #newest = 0;

  /** One that begins after the newest of this: what comes late is of before. */
  next() {
    const next = new SequenceCount();
    if (this.#first !== undefined) {
      next.#first = this.#newest + 1;
      next.#newest = this.#newest;
    }
    return next;
  }

  /** @param {number} sequenceNumber */
  add(sequenceNumber) {
    if (this.#first === undefined) this.#first = this.#newest = sequenceNumber;
    // Its distance to the newest says how often the 16 bits went round (RFC 3550 appendix A.1).
    const distance = ((sequenceNumber - this.#newest + 0x8000) & 0xffff) - 0x8000;
    const extended = this.#newest + distance;
    this.#newest = Math.max(this.#newest, extended);
    if (extended >= this.#first) this.#seen.add(extended);
  }

  get packets() {
    return this.#seen.size;
  }

  get missing() {
    return this.#first === undefined ? 0 : this.#newest - this.#first + 1 - this.#seen.size;
  }
}
