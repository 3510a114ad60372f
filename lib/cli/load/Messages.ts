// What bots say to each other on data channels: numbered messages with the time that they left.
import type { types } from 'mediasoup-client';
import { quantile } from './quantile.mjs';

const MAX_BUFFERED = 100_000;
/** Of each channel the newest delays are kept. */
const KEPT = 200;

/** One clock for all threads of the process. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

type Message = { of: string; from: string; number: number; at: number };

export class Messages {
  readonly #token: string;
  readonly #size: number;
  readonly #everyMs: number;
  readonly #delays: number[][] = [];
  sent = 0;
  received = 0;
  lost = 0;

  /** @param token - Of the process: delays are known of its own messages alone. */
  constructor(token: string, { size, rate }: { size: number; rate: number }) {
    this.#token = token;
    this.#size = size;
    this.#everyMs = 1000 / rate;
  }

  /** One a channel, its median. */
  get delays(): number[] {
    return this.#delays.filter(({ length }) => length > 0).map((delays) => quantile(delays, 0.5));
  }

  /** Talks until the returned function is called. */
  talk(producer: types.DataProducer): () => void {
    let number = 0;
    const timer = setInterval(() => {
      // What does not leave would only pile up.
      if (producer.readyState !== 'open' || producer.bufferedAmount > MAX_BUFFERED) return;
      const message: Message = { of: this.#token, from: producer.id, number, at: now() };
      producer.send(JSON.stringify(message).padEnd(this.#size));
      number++;
      this.sent++;
    }, this.#everyMs);
    return () => {
      clearInterval(timer);
    };
  }

  listen(consumer: types.DataConsumer): void {
    const delays: number[] = [];
    this.#delays.push(delays);
    let next: number | undefined;
    consumer.on('message', (message: unknown) => {
      this.received++;
      const { of, number, at } = messageOf(message) ?? {};
      if (number === undefined) return;
      if (next !== undefined && number > next) this.lost += number - next;
      next = number + 1;
      if (of !== this.#token || at === undefined) return;
      delays.push(now() - at);
      if (delays.length > KEPT) delays.shift();
    });
  }
}

/** Others talk in the room, too. */
function messageOf(message: unknown): Message | undefined {
  if (typeof message !== 'string' || !message.startsWith('{"of":')) return undefined;
  try {
    return JSON.parse(message) as Message;
  } catch {
    return undefined;
  }
}
