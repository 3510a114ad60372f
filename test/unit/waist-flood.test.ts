// More than the JavaScript thread can take.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openHooked } from '../hooks/load.js';
import { ECHO_TICK, Hook } from '../hooks/messages.js';

const bridge = openHooked();
const COUNT = 1_000_000;
const SIZE = 1200;

/** Watches how late timers fire, and how much memory there is. */
class Watch {
  readonly #timer: NodeJS.Timeout;
  readonly #before = process.memoryUsage.rss();
  #last = performance.now();
  latest = 0;
  fired = 0;
  #highest = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.latest = Math.max(this.latest, now - this.#last);
      this.#last = now;
      this.fired++;
      this.#highest = Math.max(this.#highest, process.memoryUsage.rss());
    }, 10);
  }

  get megabytes(): number {
    return (this.#highest - this.#before) / 1e6;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

describe('a flood', () => {
  it('of a million events and a million messages arrives whole, in order, in bounded memory', async () => {
    const { handle } = await bridge.request(0, Hook.EchoChannel, {});
    let events = 0;
    let messages = 0;
    bridge.listen(handle, {
      event: (event, body) => {
        if (event === ECHO_TICK && body.number === events) events++;
      },
      message: (data) => {
        const bytes = data as ArrayBuffer;
        const number = new DataView(bytes).getUint32(0, true);
        if (number === messages && bytes.byteLength === SIZE) messages++;
      },
    });
    const watch = new Watch();
    await bridge.request(handle, Hook.EchoBurst, { events: COUNT, messages: COUNT, size: SIZE });
    watch.stop();
    assert.deepEqual([events, messages], [COUNT, COUNT]);
    // 1,200 MB went through; 4 MiB of it may wait.
    assert.ok(watch.megabytes < 150, `${watch.megabytes} MB more`);
    assert.ok(watch.fired > 10, `timers fired ${watch.fired} times`);
    assert.ok(watch.latest < 500, `a timer was ${watch.latest} ms late`);
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('waits for a JavaScript thread that is busy', async () => {
    const { handle } = await bridge.request(0, Hook.EchoChannel, {});
    let messages = 0;
    bridge.listen(handle, { message: () => messages++ });
    const before = process.memoryUsage.rss();
    const burst = { events: 0, messages: 200_000, size: SIZE };
    const done = bridge.request(handle, Hook.EchoBurst, burst);
    const until = performance.now() + 500;
    let highest = 0;
    while (performance.now() < until) highest = Math.max(highest, process.memoryUsage.rss());
    assert.equal(messages, 0);
    assert.ok(highest - before < 50e6, `${(highest - before) / 1e6} MB more`);
    await done;
    assert.equal(messages, 200_000);
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('of requests is answered whole', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100_000 }, (_, i) => bridge.request(0, Hook.Echo, { text: String(i) })),
    );
    assert.ok(answers.every(({ text }, i) => text === String(i)));
  });
});
