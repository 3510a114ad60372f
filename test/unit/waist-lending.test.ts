// Large messages are lent, not copied.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bridge } from '../../lib/bridge.js';
import { Frame, Method } from '../../lib/wire.js';
import { openRaw, pollAll } from './waist/native.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const MEGABYTE = 1 << 20;

async function collected(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(condition());
}

describe('a large message', () => {
  it('is lent, told to V8, and released when it is collected', async () => {
    const bridge = Bridge.open();
    const { handle } = await bridge.request(0, Method.EnvironmentEchoChannel, {});
    const held: ArrayBuffer[] = [];
    bridge.listen(handle, { message: (data) => held.push(data as ArrayBuffer) });
    const before = process.memoryUsage().external;
    const burst = { events: 0, messages: 50, size: MEGABYTE };
    await bridge.request(handle, Method.EchoBurst, burst);
    assert.equal(held.length, 50);
    for (const [i, buffer] of held.entries()) {
      assert.equal(buffer.byteLength, MEGABYTE);
      assert.equal(new DataView(buffer).getUint32(0, true), i);
    }
    const grown = process.memoryUsage().external - before;
    assert.ok(grown > 49 * MEGABYTE && grown < 60 * MEGABYTE, `V8 knows of ${grown} bytes`);
    held.length = 0;
    await collected(() => process.memoryUsage().external - before < MEGABYTE);
    await bridge.request(handle, Method.EchoClose, {});
  });

  it('does not pile up: 4 GB go through in bounded memory', async () => {
    const bridge = Bridge.open();
    const { handle } = await bridge.request(0, Method.EnvironmentEchoChannel, {});
    let seen = 0;
    let highest = 0;
    const before = process.memoryUsage.rss();
    bridge.listen(handle, {
      message: () => {
        if (++seen % 16 === 0) highest = Math.max(highest, process.memoryUsage.rss());
      },
    });
    const burst = { events: 0, messages: 1024, size: 4 * MEGABYTE };
    await bridge.request(handle, Method.EchoBurst, burst);
    assert.equal(seen, 1024);
    assert.ok(highest - before < 500e6, `${(highest - before) / 1e6} MB more`);
    await bridge.request(handle, Method.EchoClose, {});
  });

  it('that is not taken is given back', async () => {
    let rings = 0;
    const native = openRaw(() => {
      rings++;
    });
    native.keepAlive(true);
    const next = async () => {
      for (;;) {
        for (const record of pollAll(native)) return record;
        const seen = rings;
        while (rings === seen) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    native.call(1, 0, 3, '{}');
    const [, , , reply] = await next();
    const { handle } = JSON.parse(reply.toString()) as { handle: number };
    native.send(handle, new Uint8Array(MEGABYTE), false);
    const [type, , , loan] = await next();
    assert.equal(type, Frame.Binary);
    const token = loan.readDoubleLE(0);
    assert.equal(loan.readDoubleLE(8), MEGABYTE);
    assert.equal(native.release(token), 0);
    assert.equal(native.release(token), -1);
    assert.equal(native.acquire(token), undefined);

    native.send(handle, new Uint8Array(MEGABYTE), false);
    const [, , , second] = await next();
    const buffer = native.acquire(second.readDoubleLE(0));
    assert.equal(buffer?.byteLength, MEGABYTE);
    assert.equal(native.acquire(second.readDoubleLE(0)), undefined, 'lent once');
    native.keepAlive(false);
  });

  it('may be transferred to another thread or cloned', async () => {
    const bridge = Bridge.open();
    const { handle } = await bridge.request(0, Method.EnvironmentEchoChannel, {});
    const held: ArrayBuffer[] = [];
    bridge.listen(handle, { message: (data) => held.push(data as ArrayBuffer) });
    const burst = { events: 0, messages: 2, size: MEGABYTE };
    await bridge.request(handle, Method.EchoBurst, burst);
    const [, second] = held;
    assert.ok(second);
    const clone = structuredClone(second);
    assert.equal(new DataView(clone).getUint32(0, true), 1);
    await bridge.request(handle, Method.EchoClose, {});
  });
});
