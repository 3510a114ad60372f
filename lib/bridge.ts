import { AsyncResource } from 'node:async_hooks';
import { Field, readHead, writeHead } from './frames/head.js';
import type { Head } from './frames/head.js';
import { NativeFrame } from './frames/NativeFrame.js';
import { bytesOf } from './bytes.js';
import type { Bytes } from './bytes.js';
import { reportCrashes } from './crashReports.js';
import { ArgumentError, OperationError } from './errors.js';
import { openNative } from './native.js';
import type { NativeBridge } from './native.js';
import { ParkedRecords } from './ParkedRecords.js';
import { replyError, requestError, statusError } from './status.js';
import {
  ErrorCode,
  Event,
  Frame,
  methodNumbers,
  Query,
  QUERY_INDEX_SHIFT,
  Status,
} from './wire.js';
import type { AnyEvent, MethodName, Params, QueryNumber, Result, WireError } from './wire.js';

/** What a handle's owner wants to hear. After `closed` there is nothing more. */
export type HandleListener = {
  event?: (...args: AnyEvent) => void;
  /** A string, or an ArrayBuffer of the listener's own. */
  message?: (data: string | ArrayBuffer) => void;
  closed?: () => void;
};

/** Something for a handle's listener. */
export type HandleRecord =
  | { type: 'event'; args: AnyEvent }
  | { type: 'message'; data: string | ArrayBuffer }
  | { type: 'closed' };

/** What async_hooks calls what listens to a handle. */
const RESOURCE_TYPE = 'MEDIASOUPCLIENTPION';

/**
 * Of no caller: the core rings in this context. In that of who opened it, which rings for all, the stores of that one's
 * AsyncLocalStorage would be everybody's.
 */
const nobody = new AsyncResource(RESOURCE_TYPE);
// A context is all that it is: who looks for what is left open is not to find it.
nobody.emitDestroy();

/** A listener is called in the context of who listens, as those of Node.js' own handles are in that of who made them. */
type Listening = { listener: HandleListener; context: AsyncResource };

type PendingRequest = {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  method: string;
};

/** How long, and how much, is dispatched before timers and sockets have their turn. */
const MAX_TURN_MILLISECONDS = 5;
const MAX_TURN_BYTES = 4 * 1024 * 1024;

/** A core that can't be polled so often in a row is given up. */
const MAX_POLL_FAILURES = 3;

/** A loan is its token and its length. */
const TOKEN_SIZE = 8;

/**
 * The only caller of the core: one for each Node environment (the main thread, or a worker thread).
 *
 * It does not keep the process alive by itself: pending requests do, and whoever calls `ref()`. It goes, with all of this copy of
 * the package, when nobody refers to that any more (a module cache was cleared, as hot reloads and Jest do) and nothing is open.
 */
export class Bridge {
  static #opened: Bridge | undefined;

  readonly #native: NativeBridge;
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #listeners = new Map<number, Listening>();
  readonly #parked = new ParkedRecords();
  readonly #turn = () => {
    this.#takeTurn();
  };
  #lastRequest = 0;
  /** Polls that failed, one after another. */
  #failures = 0;
  #failure: Error | undefined;
  #refs = 0;
  #held = false;

  private constructor() {
    this.#native = nobody.runInAsyncScope(openNative, null, this.#turn);
    this.#view = new DataView(this.#native.batch);
    this.#bytes = Buffer.from(this.#native.batch);
  }

  /**
   * The bridge of this Node environment.
   *
   * @throws OperationError if the native library cannot be loaded.
   */
  static open(): Bridge {
    if (!Bridge.#opened) {
      Bridge.#opened = new Bridge();
      reportCrashes(Bridge.#opened);
    }
    return Bridge.#opened;
  }

  /**
   * Makes a request on a handle (0: the environment). Requests on one handle are served in order.
   * It always settles: with the result, or with the error that the core gave.
   */
  request<M extends MethodName>(handle: number, method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise<Result<M>>((resolve, reject) => {
      const id = this.#nextRequest();
      const body = bodyOf(method, params);
      const status = this.#native.call(id, handle, methodNumbers[method], body);
      if (status !== Status.Ok) {
        reject(requestError(status, method, handle));
        return;
      }
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject, method });
      this.ref();
      this.#hold();
    });
  }

  /**
   * Sends a message: a string as text, anything else as binary. The bytes are copied.
   *
   * @throws InvalidStateError, OperationError (the buffer is full) or TypeError (too large).
   */
  send(handle: number, data: string | Bytes): void {
    const isText = typeof data === 'string';
    const status = this.#native.send(handle, isText ? data : bytesOf(data), isText);
    if (status !== Status.Ok) throw statusError(status, `sending to handle ${handle}`);
  }

  /**
   * Reads a number of a handle at once, or one of several by their index.
   *
   * @throws InvalidStateError if the handle is closed.
   */
  query(handle: number, what: QueryNumber, index = 0): number {
    const value = this.#native.query(handle, what + index * 2 ** QUERY_INDEX_SHIFT);
    if (value < 0) throw statusError(value, `a query of handle ${handle}`);
    return value;
  }

  /** Whether a handle has ended in the core, which may not be told yet. */
  isStale(handle: number): boolean {
    return this.#native.query(handle, Query.QueuedDuration) === Status.StaleHandle;
  }

  /**
   * Takes the next frame of a reader. Without one, an event of the reader tells of the next.
   *
   * @throws OperationError (too many are held) or InvalidStateError (the reader is closed).
   */
  takeFrame(handle: number): NativeFrame | undefined {
    const status = this.#native.frameTake(handle);
    if (status !== Status.Ok) throw statusError(status, `a frame of handle ${handle}`);
    return this.#native.frame[Field.token] === 0 ? undefined : this.#newFrame();
  }

  /**
   * Copies bytes into a frame of the core.
   *
   * @throws TypeError if they are not what `head` describes, OperationError if too much is held.
   */
  makeFrame(head: Partial<Head>, data: Uint8Array): NativeFrame {
    writeHead(this.#native.frame, head);
    const status = this.#native.frameMake(data);
    if (status === Status.BufferFull) {
      throw new OperationError(
        'too many frames are held (65536, or 2 GB): close() each when it is done with, and wait for write()',
        { code: ErrorCode.BufferFull },
      );
    }
    if (status !== Status.Ok) throw statusError(status, 'making a frame');
    return this.#newFrame();
  }

  /**
   * Gives a frame to a writer, with `head` for what it says of time and the like. False: there is no room, and an
   * event of the writer tells of some.
   *
   * @throws InvalidStateError if the writer is closed, TypeError if it takes no such frame.
   */
  writeFrame(handle: number, frame: NativeFrame, head: Partial<Head>): boolean {
    writeHead(this.#native.frame, head);
    const status = this.#native.frameWrite(handle, frame.token);
    if (status === Status.BufferFull) return false;
    if (status !== Status.Ok) throw statusError(status, `writing a frame to handle ${handle}`);
    return true;
  }

  #newFrame(): NativeFrame {
    return new NativeFrame(this.#native, readHead(this.#native.frame));
  }

  /**
   * Hears what a handle has to say, from its beginning: what came before is kept. A handle has one
   * listener, which is called in the asynchronous context of this call.
   */
  listen(handle: number, listener: HandleListener): void {
    this.#listeners.set(handle, { listener, context: new AsyncResource(RESOURCE_TYPE) });
    this.#hold();
    if (this.#parked.has(handle)) {
      // Not from within this call: whoever listens is still being made.
      queueMicrotask(() => {
        this.#parked.drain(handle, (record) => {
          try {
            this.#tell(handle, record);
          } catch (error) {
            this.#report(error);
          }
        });
      });
    }
  }

  /** Keeps the process alive until `unref()` was called as often. */
  ref(): void {
    if (this.#refs++ === 0) this.#native.keepAlive(true);
  }

  unref(): void {
    if (--this.#refs === 0) this.#native.keepAlive(false);
  }

  /** What is open works on, whether the app refers to it or not. */
  #hold(): void {
    const held = this.#listeners.size > 0 || this.#pending.size > 0;
    if (held === this.#held) return;
    this.#held = held;
    this.#native.hold(held);
  }

  #nextRequest(): number {
    do {
      this.#lastRequest = (this.#lastRequest + 1) >>> 0;
    } while (this.#pending.has(this.#lastRequest));
    return this.#lastRequest;
  }

  #takeTurn(): void {
    const end = performance.now() + MAX_TURN_MILLISECONDS;
    let bytes = 0;
    for (;;) {
      const length = this.#native.poll();
      if (length < 0) {
        this.#onPollFailed(length);
        return;
      }
      this.#failures = 0;
      // After 0 the core rings again.
      if (length === 0) return;
      this.#dispatch(length);
      bytes += length;
      if (bytes >= MAX_TURN_BYTES || performance.now() >= end) {
        setImmediate(this.#turn);
        return;
      }
    }
  }

  #onPollFailed(status: number): void {
    // This environment is ending.
    if (status === Status.Closed) return;
    if (++this.#failures < MAX_POLL_FAILURES) {
      // The core rings only once: nobody else would ask again.
      setImmediate(this.#turn);
      return;
    }
    this.#fail(statusError(status, 'polling'));
  }

  /** Nothing is heard of the core any more: all that waits for it, and all that it has, ends. */
  #fail(error: Error): void {
    this.#failure = error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#hold();
    for (const { reject } of pending) {
      this.unref();
      reject(error);
    }
    const death = { message: error.message, stack: error.stack ?? '' };
    for (const handle of [...this.#listeners.keys()]) {
      for (const record of [
        { type: 'event', args: [Event.WorkerDied, death] },
        { type: 'closed' },
      ] satisfies HandleRecord[]) {
        try {
          this.#tell(handle, record);
        } catch (thrown) {
          this.#report(thrown);
        }
      }
    }
  }

  #dispatch(length: number): void {
    const view = this.#view;
    for (let at = 0; at < length; at += view.getUint32(at, true)) {
      const type = view.getUint8(at + Frame.TypeOffset);
      const handle = view.getFloat64(at + Frame.HandleOffset, true);
      const number = view.getUint32(at + Frame.NumberOffset, true);
      try {
        this.#onRecord(type, handle, number, at);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #onRecord(type: number, handle: number, number: number, at: number): void {
    switch (type) {
      case Frame.Binary:
        this.#deliver(handle, { type: 'message', data: this.#binary(at) });
        break;
      case Frame.Text:
        this.#deliver(handle, { type: 'message', data: this.#text(at) });
        break;
      case Frame.Event:
        this.#onEvent(handle, number, this.#text(at));
        break;
      default:
        this.#onReply(number, type === Frame.Reply, at);
    }
  }

  #onReply(id: number, succeeded: boolean, at: number): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    this.#pending.delete(id);
    this.#hold();
    this.unref();
    try {
      const body: unknown = JSON.parse(this.#text(at));
      if (succeeded) request.resolve(body);
      else request.reject(replyError(body as WireError, request.method));
    } catch (error) {
      // Out of memory, say: a promise settles whatever happens.
      request.reject(error as Error);
    }
  }

  #onEvent(handle: number, event: number, text: string): void {
    if (event === Event.Closed) this.#deliver(handle, { type: 'closed' });
    else this.#deliver(handle, { type: 'event', args: [event, JSON.parse(text)] as AnyEvent });
  }

  #deliver(handle: number, record: HandleRecord): void {
    // What is parked comes first.
    if (this.#parked.has(handle) || !this.#listeners.has(handle)) this.#parked.add(handle, record);
    else this.#tell(handle, record);
  }

  #tell(handle: number, record: HandleRecord): void {
    const listening = this.#listeners.get(handle);
    if (record.type === 'closed') {
      this.#listeners.delete(handle);
      this.#hold();
    }
    if (listening === undefined) return;
    const { listener, context } = listening;
    try {
      context.runInAsyncScope(tell, null, listener, record);
    } finally {
      if (record.type === 'closed') context.emitDestroy();
    }
  }

  /** What a listener throws is uncaught, as in any listener, but the rest of the batch is not lost. */
  #report(error: unknown): void {
    queueMicrotask(() => {
      throw error;
    });
  }

  #binary(at: number): ArrayBuffer {
    if (this.#isLent(at)) return this.#take(at).buffer;
    const bytes = new Uint8Array(this.#native.batch, at + Frame.HeaderSize, this.#length(at));
    // Half the time of ArrayBuffer.slice(), which clears the new one first.
    return new Uint8Array(bytes).buffer;
  }

  #text(at: number): string {
    if (this.#isLent(at)) return Buffer.from(this.#take(at).buffer).toString();
    const start = at + Frame.HeaderSize;
    return this.#bytes.toString('utf8', start, start + this.#length(at));
  }

  #length(at: number): number {
    return this.#view.getUint32(at + Frame.LengthOffset, true);
  }

  #isLent(at: number): boolean {
    return (this.#view.getUint8(at + Frame.FlagsOffset) & Frame.FlagLent) !== 0;
  }

  /** Copies what was lent, with which the loan ends. */
  #take(at: number): Uint8Array<ArrayBuffer> {
    const token = this.#view.getFloat64(at + Frame.HeaderSize, true);
    const length = this.#view.getFloat64(at + Frame.HeaderSize + TOKEN_SIZE, true);
    let bytes;
    try {
      bytes = new Uint8Array(length);
    } catch (error) {
      this.#native.take(token, new Uint8Array());
      throw error;
    }
    const status = this.#native.take(token, bytes);
    if (status !== Status.Ok) throw statusError(status, `bytes lent under token ${token}`);
    return bytes;
  }
}

function tell(listener: HandleListener, record: HandleRecord): void {
  switch (record.type) {
    case 'message':
      listener.message?.(record.data);
      break;
    case 'event':
      listener.event?.(...record.args);
      break;
    case 'closed':
      listener.closed?.();
  }
}

/** What is checked can be written; what gets here unchecked is refused as any wrong argument. */
function bodyOf(method: string, params: unknown): string {
  try {
    return JSON.stringify(params);
  } catch (cause) {
    throw new ArgumentError(`${method}: an argument holds what can't be told to the core`, {
      cause,
    });
  }
}
