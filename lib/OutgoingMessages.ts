import { bytesOf, lengthOf } from './bytes.js';
import type { Bytes } from './bytes.js';

/** What a data channel sends. */
export type Message = string | Bytes | Blob;

/** The length of a message in bytes, on the wire. */
export function byteLength(message: Message): number {
  if (typeof message === 'string') return Buffer.byteLength(message);
  return message instanceof Blob ? message.size : lengthOf(message);
}

/**
 * Messages on their way to the core, in order. They go at once unless a Blob, whose bytes take
 * a while to read, is before them.
 */
export class OutgoingMessages {
  readonly #send: (message: string | Bytes) => void;
  readonly #onError: (error: Error) => void;
  readonly #waiting: { message: Message; size: number }[] = [];
  readonly #whenEmpty: (() => void)[] = [];
  #bytes = 0;
  #reading = false;

  /** `onError` is told when a message that waited could not be read or sent. */
  constructor(send: (message: string | Bytes) => void, onError: (error: Error) => void) {
    this.#send = send;
    this.#onError = onError;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sends a message, or lets it wait for its turn; it may throw only in the first case. */
  add(message: Message): void {
    if (this.#waiting.length === 0 && !(message instanceof Blob)) {
      this.#send(message);
      return;
    }
    const size = byteLength(message);
    this.#bytes += size;
    this.#waiting.push({ message: snapshot(message), size });
    if (!this.#reading) void this.#drain();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.length = 0;
    this.#bytes = 0;
    this.#callWhenEmpty();
  }

  /** Calls `listener` when nothing waits any more: at once if nothing does. */
  whenEmpty(listener: () => void): void {
    this.#whenEmpty.push(listener);
    if (this.#waiting.length === 0) this.#callWhenEmpty();
  }

  async #drain(): Promise<void> {
    this.#reading = true;
    try {
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        const { message, size } = next;
        const ready = message instanceof Blob ? await message.arrayBuffer() : message;
        // clear() may have come while the Blob was read.
        if (this.#waiting[0] !== next) continue;
        this.#waiting.shift();
        this.#bytes -= size;
        this.#send(ready);
      }
      this.#callWhenEmpty();
    } catch (error) {
      this.#onError(error as Error);
    } finally {
      this.#reading = false;
    }
  }

  #callWhenEmpty(): void {
    for (const listener of this.#whenEmpty.splice(0)) listener();
  }
}

function snapshot(message: Message): Message {
  if (typeof message === 'string' || message instanceof Blob) return message;
  // Not slice(): a Buffer's shares its memory.
  return new Uint8Array(bytesOf(message));
}
