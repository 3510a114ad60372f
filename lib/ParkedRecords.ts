import type { HandleRecord } from './bridge.js';

/** How many closed handles, that nobody listened to, are remembered. */
const MAX_CLOSED = 1024;

/**
 * What arrived for handles that have no listener yet. A handle is made known by a reply, and may
 * say something in the same batch, before the code that awaits the reply can listen.
 */
export class ParkedRecords {
  readonly #records = new Map<number, HandleRecord[]>();
  /** In the order of their closing. */
  readonly #closed = new Set<number>();

  has(handle: number): boolean {
    return this.#records.size > 0 && this.#records.has(handle);
  }

  add(handle: number, record: HandleRecord): void {
    const records = this.#records.get(handle);
    if (records) records.push(record);
    else this.#records.set(handle, [record]);
    if (record.type === 'closed') this.#addClosed(handle);
  }

  /** Hands over what is parked, and what is parked meanwhile. */
  drain(handle: number, tell: (record: HandleRecord) => void): void {
    const records = this.#records.get(handle);
    if (!records) return;
    for (const record of records) tell(record);
    this.#records.delete(handle);
    this.#closed.delete(handle);
  }

  /** Many handles are never listened to: all that they say is that they closed. */
  #addClosed(handle: number): void {
    this.#closed.add(handle);
    if (this.#closed.size <= MAX_CLOSED) return;
    const [oldest] = this.#closed;
    if (oldest === undefined) return;
    this.#closed.delete(oldest);
    this.#records.delete(oldest);
  }
}
