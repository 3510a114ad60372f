// Large messages do not go through a batch: they are lent by the core, and taken.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { Frame } from '../../lib/wire.js';
import { openHooked } from '../hooks/load.js';
import { Hook, hookNumbers, hookedFolder } from '../hooks/messages.js';
import { openRaw, pollAll } from './waist/native.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const MEGABYTE = 1 << 20;

/** V8 frees memory of buffers on threads of its own, which a busy machine may hold up. */
async function collected(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'not collected within 30 s');
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** On its own: a function that waits keeps alive what its variables had, in some versions of V8 also after their blocks. */
function assertNumbered(held: ArrayBuffer[]): void {
  for (const [i, buffer] of held.entries()) {
    assert.equal(buffer.byteLength, MEGABYTE);
    assert.equal(new DataView(buffer).getUint32(0, true), i);
  }
}

describe('a large message', () => {
  it('is memory of its own, told to V8, and freed when it is collected', async () => {
    const bridge = openHooked();
    const { handle } = await bridge.request(0, Hook.EchoChannel, {});
    const held: ArrayBuffer[] = [];
    bridge.listen(handle, { message: (data) => held.push(data as ArrayBuffer) });
    const before = process.memoryUsage().external;
    const burst = { events: 0, messages: 50, size: MEGABYTE };
    await bridge.request(handle, Hook.EchoBurst, burst);
    assert.equal(held.length, 50);
    assertNumbered(held);
    const grown = process.memoryUsage().external - before;
    assert.ok(grown > 49 * MEGABYTE && grown < 60 * MEGABYTE, `V8 knows of ${grown} bytes`);
    held.length = 0;
    await collected(() => process.memoryUsage().external - before < MEGABYTE);
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('does not pile up: 4 GB go through in bounded memory', async () => {
    const bridge = openHooked();
    const { handle } = await bridge.request(0, Hook.EchoChannel, {});
    let seen = 0;
    let highest = 0;
    const before = process.memoryUsage.rss();
    bridge.listen(handle, {
      message: () => {
        if (++seen % 16 === 0) highest = Math.max(highest, process.memoryUsage.rss());
      },
    });
    const burst = { events: 0, messages: 1024, size: 4 * MEGABYTE };
    await bridge.request(handle, Hook.EchoBurst, burst);
    assert.equal(seen, 1024);
    assert.ok(highest - before < 500e6, `${(highest - before) / 1e6} MB more`);
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('that is not taken is given back', async () => {
    let rings = 0;
    const native = openRaw(() => {
      rings++;
    }, hookedFolder);
    native.keepAlive(true);
    const next = async () => {
      for (;;) {
        for (const record of pollAll(native)) return record;
        const seen = rings;
        while (rings === seen) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    native.call(1, 0, hookNumbers.EchoChannel, '{}');
    const [, , , reply] = await next();
    const { handle } = JSON.parse(reply.toString()) as { handle: number };
    native.send(handle, new Uint8Array(MEGABYTE), false);
    const [type, , , loan] = await next();
    assert.equal(type, Frame.Binary);
    const token = loan.readDoubleLE(0);
    assert.equal(loan.readDoubleLE(8), MEGABYTE);
    assert.equal(native.take(token, new Uint8Array()), 0);
    assert.equal(native.take(token, new Uint8Array()), -1);
    assert.equal(native.take(token, new Uint8Array(MEGABYTE)), -1);

    native.send(handle, new Uint8Array(MEGABYTE), false);
    const [, , , second] = await next();
    const room = new Uint8Array(MEGABYTE);
    assert.equal(native.take(second.readDoubleLE(0), room), 0);
    assert.equal(room.indexOf(1), -1);
    assert.equal(native.take(second.readDoubleLE(0), room), -1, 'taken once');

    native.send(handle, new Uint8Array(MEGABYTE), false);
    const [, , , third] = await next();
    assert.equal(native.take(third.readDoubleLE(0), new Uint8Array(7)), -3, 'of its length');
    assert.equal(native.take(third.readDoubleLE(0), room), -1, 'given back');
    native.keepAlive(false);
  });

  it('moves to another thread, and back', async () => {
    const bridge = openHooked();
    const { handle } = await bridge.request(0, Hook.EchoChannel, {});
    const held: ArrayBuffer[] = [];
    bridge.listen(handle, { message: (data) => held.push(data as ArrayBuffer) });
    const burst = { events: 0, messages: 3, size: MEGABYTE };
    await bridge.request(handle, Hook.EchoBurst, burst);
    await bridge.request(handle, Hook.EchoClose, {});
    const [first, second, third] = held;
    assert.ok(first && second && third);
    const moved = structuredClone(second, { transfer: [second] });
    assert.equal(second.byteLength, 0);
    assert.equal(new DataView(moved).getUint32(0, true), 1);
    assert.equal(new DataView(structuredClone(third)).getUint32(0, true), 2);
    assert.equal(third.byteLength, MEGABYTE);
    const echo = new Worker(
      "const { parentPort: port } = require('node:worker_threads');" +
        'port.once("message", (data) => port.postMessage(data, [data]));',
      { eval: true },
    );
    // Both may come in one turn: what waits for the second one only after the first would wait for ever.
    const exited = once(echo, 'exit');
    echo.postMessage(first, [first]);
    assert.equal(first.byteLength, 0);
    const [back] = (await once(echo, 'message')) as [ArrayBuffer];
    assert.equal(back.byteLength, MEGABYTE);
    assert.equal(new DataView(back).getUint32(0, true), 0);
    await exited;
  });
});
