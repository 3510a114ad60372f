import { Query } from '../../lib/wire.js';
import type { HookedBridge } from '../../test/hooks/load.js';
import { ECHO_TICK, Hook } from '../../test/hooks/messages.js';
import type { NaiveEcho } from './naive.js';

/** How long each rate is measured, after as long a warm-up. */
const MEASURE_MILLISECONDS = 1500;
const OUTSTANDING_REQUESTS = 128;
const OUTSTANDING_MESSAGES = 1024;
const BURST = 100_000;

/** Counts `step` from a warm-up's end to the end. */
class Rate {
  readonly #from = performance.now() + MEASURE_MILLISECONDS;
  readonly #to = this.#from + MEASURE_MILLISECONDS;
  #count = 0;
  #first = 0;
  #last = 0;

  /** Says whether it is to go on. */
  step(count = 1): boolean {
    const now = performance.now();
    if (now < this.#from) return true;
    if (this.#first === 0) this.#first = now;
    else this.#count += count;
    this.#last = now;
    return now < this.#to;
  }

  get perSecond(): number {
    return (this.#count / (this.#last - this.#first)) * 1000;
  }
}

/** Echoes, with many outstanding. */
export async function requestsPerSecond(bridge: HookedBridge): Promise<number> {
  const rate = new Rate();
  const ask = async () => {
    do await bridge.request(0, Hook.Echo, { text: 'a small message' });
    while (rate.step());
  };
  await Promise.all(Array.from({ length: OUTSTANDING_REQUESTS }, ask));
  return rate.perSecond;
}

/** Events that Go emits as fast as it can. */
export async function eventsPerSecond(bridge: HookedBridge): Promise<number> {
  const { handle } = await bridge.request(0, Hook.EchoChannel, {});
  let seen = 0;
  bridge.listen(handle, {
    event: (event, body) => {
      if (event === ECHO_TICK && body.number === seen % BURST) seen++;
    },
  });
  const rate = new Rate();
  for (let before = 0; rate.step(seen - before);) {
    before = seen;
    await bridge.request(handle, Hook.EchoBurst, { events: BURST, messages: 0, size: 0 });
  }
  await bridge.request(handle, Hook.EchoClose, {});
  return rate.perSecond;
}

/** Messages through Go and back. */
export async function messagesPerSecond(bridge: HookedBridge, size: number): Promise<number> {
  const { handle } = await bridge.request(0, Hook.EchoChannel, {});
  const rate = await pump(
    new Uint8Array(size),
    (message) => {
      bridge.send(handle, message);
    },
    (onMessage) => {
      bridge.listen(handle, { message: (data) => onMessage(data as ArrayBuffer) });
    },
  );
  await bridge.request(handle, Hook.EchoClose, {});
  return rate;
}

export async function naiveMessagesPerSecond(naive: NaiveEcho, size: number): Promise<number> {
  const rate = await pump(
    new Uint8Array(size),
    (message) => {
      naive.send(message);
    },
    (onMessage) => {
      naive.open(onMessage);
    },
  );
  naive.close();
  return rate;
}

function pump(
  message: Uint8Array,
  send: (message: Uint8Array) => void,
  listen: (onMessage: (data: { byteLength: number }) => void) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const rate = new Rate();
    let outstanding = 0;
    let going = true;
    let counted = 0;
    const fill = () => {
      while (outstanding < OUTSTANDING_MESSAGES) {
        outstanding++;
        send(message);
      }
    };
    listen((data) => {
      outstanding--;
      if (data.byteLength === message.byteLength) counted++;
      // The clock is read for every hundredth message: reading it costs as much as a call.
      if (counted === 100) {
        going &&= rate.step(counted);
        counted = 0;
      }
      if (going && outstanding <= OUTSTANDING_MESSAGES / 2) fill();
      else if (!going && outstanding === 0) resolve(rate.perSecond);
    });
    fill();
  });
}

/** Nanoseconds of a call that reads one number. */
export async function callNanoseconds(bridge: HookedBridge): Promise<number> {
  const { handle } = await bridge.request(0, Hook.EchoChannel, {});
  const calls = 1_000_000;
  for (let i = 0; i < calls / 10; i++) bridge.query(handle, Query.BufferedAmount);
  const start = performance.now();
  for (let i = 0; i < calls; i++) bridge.query(handle, Query.BufferedAmount);
  const elapsed = performance.now() - start;
  await bridge.request(handle, Hook.EchoClose, {});
  return (elapsed * 1e6) / calls;
}

/** The median round trip of one request at a time, in microseconds. */
export async function requestMicroseconds(bridge: HookedBridge): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const start = performance.now();
    await bridge.request(0, Hook.Echo, { text: '' });
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? NaN;
}
