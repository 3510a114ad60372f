import type { NativeBridge } from '../native.js';
import { InvalidStateError } from '../errors.js';
import { statusError } from '../status.js';
import { Status } from '../wire.js';
import { writeHead } from './head.js';
import type { Head } from './head.js';

type Hold = { native: NativeBridge; token: number };

/** Frames that nobody closed are given back when they are forgotten. */
const forgotten = new FinalizationRegistry<Hold>(({ native, token }) => {
  native.frameRelease(token);
});

/** Memory of the core that JavaScript holds. Those who share it release it once each. */
export class NativeFrame {
  readonly head: Readonly<Head>;
  readonly #native: NativeBridge;
  readonly #planes: (ArrayBuffer | undefined)[] = [];
  #users = 1;

  constructor(native: NativeBridge, head: Head) {
    this.#native = native;
    this.head = head;
    forgotten.register(this, { native, token: head.token }, this);
  }

  get token(): number {
    return this.head.token;
  }

  /** Adds a user. */
  share(): this {
    this.#assertHeld();
    this.#users += 1;
    return this;
  }

  /** Ends one use. After the last, what was lent of it is detached. */
  release(): void {
    if (this.#users === 0 || --this.#users > 0) return;
    forgotten.unregister(this);
    for (const buffer of this.#planes) if (buffer) this.#native.detach(buffer);
    this.#planes.length = 0;
    this.#native.frameRelease(this.token);
  }

  /** A plane as it is, not copied where Node.js allows that. It is detached by the last release(). */
  plane(index: number): ArrayBuffer {
    this.#assertHeld();
    const known = this.#planes[index];
    // The app may have transferred it.
    if (known && known.byteLength > 0) return known;
    const buffer = this.#native.framePlane(this.token, index);
    if (typeof buffer === 'number') throw statusError(buffer, `plane ${index} of a frame`);
    this.#planes[index] = buffer;
    return buffer;
  }

  /** Copies a part, here and now. */
  copy(part: Partial<Head>, room: Uint8Array): void {
    this.#assertHeld();
    writeHead(this.#native.frame, part);
    const status = this.#native.frameCopy(this.token, room);
    if (status !== Status.Ok) throw statusError(status, 'copying a frame');
  }

  /** Copies a part, converted on another thread, into memory of that length. */
  async convert(part: Partial<Head>, length: number): Promise<ArrayBuffer> {
    this.share();
    try {
      writeHead(this.#native.frame, part);
      const copy = await this.#native.frameConvert(this.token, length);
      if (typeof copy === 'number') throw statusError(copy, 'converting a frame');
      return copy;
    } finally {
      this.release();
    }
  }

  #assertHeld(): void {
    if (this.#users === 0) throw new InvalidStateError('the frame is closed');
  }
}
