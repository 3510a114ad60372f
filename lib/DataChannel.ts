import { unsignedLong } from './arguments.js';
import type { Bridge } from './bridge.js';
import { isBytes } from './bytes.js';
import { EventHandlers } from './EventHandlers.js';
import { ArgumentError, InvalidStateError, describe, errorFromWire } from './errors.js';
import { Logger } from './Logger.js';
import { OutgoingMessages, byteLength } from './OutgoingMessages.js';
import type { Message } from './OutgoingMessages.js';
import { RtcError, RtcErrorEvent } from './RtcErrorEvent.js';
import { Event as WireEvent, Method, Query } from './wire.js';
import type { AnyEvent } from './wire.js';

/** W3C's RTCDataChannelInit of a negotiated channel. */
export type DataChannelInit = {
  /** The SCTP stream id, 0 to 65534. */
  id: number;
  label: string;
  protocol: string;
  ordered: boolean;
  /** Milliseconds; at most one of this and `maxRetransmits`. */
  maxPacketLifeTime?: number;
  maxRetransmits?: number;
  /** The largest message that the other side takes, in bytes. */
  maxMessageSize: number;
};

type Handler<E> = ((this: RTCDataChannel, event: E) => unknown) | null;

const logger = new Logger('DataChannel');

/**
 * W3C's RTCDataChannel, negotiated.
 *
 * Its events wait for the first listener: mediasoup-client adds its own only after the app's
 * server has answered, and would miss the `open` of every channel but the first.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcdatachannel
 */
export class DataChannel extends EventTarget implements RTCDataChannel {
  /** Always true: mediasoup negotiates channels by signalling. */
  readonly negotiated: boolean = true;
  readonly #bridge: Bridge;
  readonly #handle: number;
  readonly #init: DataChannelInit;
  readonly #handlers = new EventHandlers(this);
  readonly #outgoing: OutgoingMessages;
  readonly #whenClosed: (() => void)[] = [];
  #readyState: RTCDataChannelState = 'connecting';
  #binaryType: BinaryType = 'arraybuffer';
  #threshold = 0;
  #lastBufferedAmount = 0;
  // What waits for the first listener.
  #held: (() => void)[] | undefined = [];

  constructor(bridge: Bridge, handle: number, init: DataChannelInit) {
    super();
    this.#bridge = bridge;
    this.#handle = handle;
    this.#init = init;
    this.#outgoing = new OutgoingMessages(
      (message) => {
        try {
          bridge.send(handle, message);
        } catch (error) {
          // The core has closed the channel and its event is on the way: until then it takes what would not arrive.
          if (!bridge.isStale(handle)) throw error;
        }
      },
      (error) => {
        this.#fail(error);
      },
    );
    bridge.listen(handle, {
      event: (...event) => {
        this.#deliver(() => {
          this.#onEvent(event);
        });
      },
      message: (data) => {
        if (this.#held) {
          this.#held.push(() => {
            this.#onMessage(data);
          });
        } else {
          this.#onMessage(data);
        }
      },
      closed: () => {
        for (const listener of this.#whenClosed.splice(0)) listener();
        this.#deliver(() => {
          this.#onClosed();
        });
      },
    });
  }

  /** The SCTP stream id. */
  get id(): number {
    return this.#init.id;
  }

  get ordered(): boolean {
    return this.#init.ordered;
  }

  /** Milliseconds, or null. */
  get maxPacketLifeTime(): number | null {
    return this.#init.maxPacketLifeTime ?? null;
  }

  get maxRetransmits(): number | null {
    return this.#init.maxRetransmits ?? null;
  }

  get label(): string {
    return this.#init.label;
  }

  get protocol(): string {
    return this.#init.protocol;
  }

  get readyState(): RTCDataChannelState {
    return this.#readyState;
  }

  /** Bytes that were given to `send()` and have not left yet, exact at every moment. */
  get bufferedAmount(): number {
    if (this.#readyState !== 'closed') {
      try {
        this.#lastBufferedAmount = this.#bridge.query(this.#handle, Query.BufferedAmount);
      } catch {
        // The core has closed the channel and its event is on the way: the last amount stays.
      }
    }
    return this.#lastBufferedAmount + this.#outgoing.bytes;
  }

  /** Bytes at which, falling, `bufferedAmount` fires `bufferedamountlow`. Default 0. */
  get bufferedAmountLowThreshold(): number {
    return this.#threshold;
  }

  set bufferedAmountLowThreshold(bytes: number) {
    this.#threshold = unsignedLong(bytes, 'bufferedAmountLowThreshold');
    if (this.#readyState === 'closed') return;
    this.#bridge
      .request(this.#handle, Method.ChannelSetBufferedAmountLowThreshold, {
        bytes: this.#threshold,
      })
      .catch((error: unknown) => {
        logger.debug('the threshold was not set: %s', (error as Error).message);
      });
  }

  /** How binary messages arrive: `'arraybuffer'` (default) or `'blob'`. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  /** As in WebIDL, another value than these two is ignored. */
  set binaryType(type: BinaryType) {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
    if (type === 'arraybuffer' || type === 'blob') this.#binaryType = type;
  }

  get onopen(): Handler<Event> {
    return this.#handlers.get('open');
  }

  set onopen(handler: Handler<Event>) {
    this.#setHandler('open', handler);
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#handlers.get('message');
  }

  set onmessage(handler: Handler<MessageEvent>) {
    this.#setHandler('message', handler);
  }

  get onbufferedamountlow(): Handler<Event> {
    return this.#handlers.get('bufferedamountlow');
  }

  set onbufferedamountlow(handler: Handler<Event>) {
    this.#setHandler('bufferedamountlow', handler);
  }

  get onclosing(): Handler<Event> {
    return this.#handlers.get('closing');
  }

  set onclosing(handler: Handler<Event>) {
    this.#setHandler('closing', handler);
  }

  get onclose(): Handler<Event> {
    return this.#handlers.get('close');
  }

  set onclose(handler: Handler<Event>) {
    this.#setHandler('close', handler);
  }

  get onerror(): Handler<RTCErrorEvent> {
    return this.#handlers.get('error');
  }

  set onerror(handler: Handler<RTCErrorEvent>) {
    this.#setHandler('error', handler);
  }

  override addEventListener<K extends keyof RTCDataChannelEventMap>(
    type: K,
    listener: (this: RTCDataChannel, event: RTCDataChannelEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    this.#release();
  }

  override removeEventListener<K extends keyof RTCDataChannelEventMap>(
    type: K,
    listener: (this: RTCDataChannel, event: RTCDataChannelEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener, options);
  }

  /**
   * Sends a message. Bytes are taken at once: the caller may change them afterwards. A Blob is
   * read first, and what is sent after it leaves after it.
   *
   * @throws InvalidStateError if `readyState` is not `'open'`.
   * @throws TypeError if the data is of another type, or larger than the other side takes
   *   (code `ERR_MESSAGE_TOO_LARGE`).
   * @throws OperationError if the buffer is full (code `ERR_BUFFER_FULL`).
   */
  send(data: string | Buffer | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.#readyState !== 'open') {
      throw new InvalidStateError(
        `send(): expected a channel whose readyState is "open", got "${this.#readyState}"`,
      );
    }
    if (!isMessage(data)) {
      throw new ArgumentError(
        'data: expected a string, a Buffer, an ArrayBuffer, an ArrayBufferView or a Blob, got ' +
          describe(data),
      );
    }
    const { maxMessageSize } = this.#init;
    const size = byteLength(data);
    if (size > maxMessageSize) {
      throw new ArgumentError(
        `data: expected at most ${maxMessageSize} bytes (what the other side takes), got ${size}`,
        { code: 'ERR_MESSAGE_TOO_LARGE' },
      );
    }
    this.#outgoing.add(data);
  }

  /** @internal Calls `listener` when the channel is closed, whether or not somebody listens to its events. */
  whenClosed(listener: () => void): void {
    this.#whenClosed.push(listener);
  }

  /** Closes the channel when what was sent before has left. `close` fires when it is done. */
  close(): void {
    if (this.#readyState === 'closing' || this.#readyState === 'closed') return;
    this.#readyState = 'closing';
    this.#outgoing.whenEmpty(() => {
      this.#requestClose();
    });
  }

  #requestClose(): void {
    this.#bridge.request(this.#handle, Method.ChannelClose, {}).catch((error: unknown) => {
      logger.debug('a channel was closed before: %s', (error as Error).message);
    });
  }

  #setHandler(type: string, handler: Handler<never>): void {
    this.#handlers.set(type, handler);
    this.#release();
  }

  #deliver(task: () => void): void {
    if (this.#held) this.#held.push(task);
    else task();
  }

  /** Lets events go, after who added the first listener had its turn to add the others. */
  #release(): void {
    if (!this.#held) return;
    setImmediate(() => {
      const held = this.#held;
      this.#held = undefined;
      for (const task of held ?? []) task();
    });
  }

  #onEvent([event, body]: AnyEvent): void {
    switch (event) {
      case WireEvent.ChannelState:
        this.#onState(body.state);
        break;
      case WireEvent.ChannelError:
        this.#dispatchError(errorFromWire(body));
        break;
      case WireEvent.ChannelBufferedAmountLow:
        // It is not low while Blobs are still being read.
        if (this.#readyState === 'open' && this.bufferedAmount <= this.#threshold) {
          this.dispatchEvent(new Event('bufferedamountlow'));
        }
        break;
      default:
    }
  }

  #onState(state: string): void {
    if (state === 'open' && this.#readyState === 'connecting') {
      this.#readyState = 'open';
      this.dispatchEvent(new Event('open'));
    } else if (state === 'closing' && this.#readyState !== 'closed') {
      // W3C fires `closing` only when the other side began it.
      if (this.#readyState === 'closing') return;
      this.#readyState = 'closing';
      this.dispatchEvent(new Event('closing'));
    } else if (state === 'closed') {
      this.#onClosed();
    }
  }

  #onMessage(data: string | ArrayBuffer): void {
    // As W3C has it, what arrives after close() was called is dropped.
    if (this.#readyState !== 'open') return;
    const asBlob = typeof data !== 'string' && this.#binaryType === 'blob';
    this.dispatchEvent(new MessageEvent('message', { data: asBlob ? new Blob([data]) : data }));
  }

  #onClosed(): void {
    if (this.#readyState === 'closed') return;
    this.#readyState = 'closed';
    this.#outgoing.clear();
    this.dispatchEvent(new Event('close'));
  }

  /** A message that was accepted could not be sent: the channel is no longer reliable. */
  #fail(error: Error): void {
    if (this.#readyState === 'closed') return;
    this.#outgoing.clear();
    this.#dispatchError(error);
    this.close();
  }

  #dispatchError(error: Error): void {
    if (this.#readyState === 'closed') return;
    const rtcError = new RtcError(error.message, 'data-channel-failure');
    this.dispatchEvent(new RtcErrorEvent('error', { error: rtcError }));
  }
}

function isMessage(data: unknown): data is Message {
  return typeof data === 'string' || isBytes(data) || data instanceof Blob;
}
