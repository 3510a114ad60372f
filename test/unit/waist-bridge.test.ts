// Requests, events and messages through the bridge and the core.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Event, Method, Query } from '../../lib/wire.js';
import type { MethodName } from '../../lib/wire.js';
import { openHooked } from '../hooks/load.js';
import type { HookedListener } from '../hooks/load.js';
import { ECHO_TICK, Hook } from '../hooks/messages.js';

const bridge = openHooked();

async function echoChannel(): Promise<number> {
  const { handle } = await bridge.request(0, Hook.EchoChannel, {});
  return handle;
}

/** Listens until there were as many messages. */
function messages(handle: number, count: number): Promise<(string | ArrayBuffer)[]> {
  bridge.ref();
  return new Promise((resolve) => {
    const seen: (string | ArrayBuffer)[] = [];
    bridge.listen(handle, {
      message: (data) => {
        if (seen.push(data) === count) {
          bridge.unref();
          resolve(seen);
        }
      },
    });
  });
}

function code(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

describe('requests', () => {
  it('are answered', async () => {
    const text = 'a "text" with <markup>, é, 漢, 😀, \u2028 and \0';
    assert.deepEqual(await bridge.request(0, Hook.Echo, { text }), { text });
  });

  it('may be large', async () => {
    for (const size of [4090, 4096, 65_000, 66_000, 349_000]) {
      const text = '漢'.repeat(size);
      assert.equal((await bridge.request(0, Hook.Echo, { text })).text, text);
    }
  });

  it('are answered in order', async () => {
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        await bridge.request(0, Hook.Echo, { text: String(i) });
        order.push(i);
      }),
    );
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });

  it('reject with an error of the class that the core names', async () => {
    const handle = await echoChannel();
    const burst = { events: -1, messages: 0, size: 0 };
    await assert.rejects(bridge.request(handle, Hook.EchoBurst, burst), (error: unknown) => {
      assert.ok(error instanceof TypeError);
      assert.equal(code(error), 'ERR_INVALID_ARGUMENT');
      return true;
    });
  });

  it('on a handle of another kind are refused', async () => {
    const handle = await echoChannel();
    await assert.rejects(bridge.request(handle, Method.WorkerClose, {}), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /kind/);
      return true;
    });
  });

  it('on a closed handle are refused', async () => {
    const handle = await echoChannel();
    await bridge.request(handle, Hook.EchoClose, {});
    await assert.rejects(bridge.request(handle, Hook.EchoClose, {}), {
      name: 'InvalidStateError',
      code: 'ERR_STALE_HANDLE',
      message: 'EchoClose: the echo is closed',
    });
    await assert.rejects(bridge.request(handle, Method.CodedTrackRefusal, {}), {
      code: 'ERR_STALE_HANDLE',
      message: 'CodedTrackRefusal: the coded track is closed',
    });
    assert.throws(
      () => {
        bridge.send(handle, 'x');
      },
      { name: 'InvalidStateError', code: 'ERR_STALE_HANDLE' },
    );
    assert.throws(() => bridge.query(handle, Query.BufferedAmount), { code: 'ERR_STALE_HANDLE' });
  });

  it('on numbers that are no handle are refused', async () => {
    for (const handle of [-1, 0.5, NaN, Infinity, 2 ** 53, 2 ** 60, 77, 2 ** 53 - 1]) {
      await assert.rejects(bridge.request(handle, Hook.EchoClose, {}), (error: unknown) =>
        ['ERR_STALE_HANDLE', 'ERR_INVALID_ARGUMENT'].includes(String(code(error))),
      );
    }
  });

  it('of no known method are refused', async () => {
    const unknown = 'EnvironmentNothing' as MethodName;
    await assert.rejects(bridge.request(0, unknown, {}), { code: 'ERR_INVALID_ARGUMENT' });
  });

  it('that panic reject, and the process lives', async () => {
    const { handle } = await bridge.request(0, Method.WorkerCreate, { logLevel: 'none' });
    bridge.ref();
    const died = new Promise<string>((resolve, reject) => {
      let message = '';
      bridge.listen(handle, {
        event: (event, body) => {
          if (event === Event.WorkerDied) ({ message } = body as { message: string });
        },
        closed: () => {
          if (message) resolve(message);
          else reject(new Error('closed without a word'));
        },
      });
    });
    await bridge.request(handle, Hook.WorkerPanic, {});
    assert.match(await died, /deliberate panic/);
    bridge.unref();
    const text = 'still here';
    assert.deepEqual(await bridge.request(0, Hook.Echo, { text }), { text });
  });
});

describe('messages', () => {
  it('of every kind go through and come back', async () => {
    const handle = await echoChannel();
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 4);
    const sent: [string | ArrayBuffer | ArrayBufferView, string | Uint8Array][] = [
      ['text', 'text'],
      ['', ''],
      ['é漢😀\0', 'é漢😀\0'],
      ['lone \ud800 surrogate', 'lone \ufffd surrogate'],
      ['x'.repeat(4092), 'x'.repeat(4092)],
      ['漢'.repeat(40_000), '漢'.repeat(40_000)],
      [new ArrayBuffer(0), new Uint8Array()],
      [new Uint8Array(), new Uint8Array()],
      [Buffer.alloc(0), new Uint8Array()],
      [bytes.buffer, bytes],
      [Buffer.from(bytes), bytes],
      [bytes.subarray(3, 9), bytes.slice(3, 9)],
      [new DataView(bytes.buffer, 5, 7), bytes.slice(5, 12)],
      [new Int8Array(bytes.buffer, 1, 3), bytes.slice(1, 4)],
      [new Uint8ClampedArray(bytes.buffer, 1, 3), bytes.slice(1, 4)],
      [new Int16Array(bytes.buffer, 2, 3), bytes.slice(2, 8)],
      [new Uint16Array(bytes.buffer, 2, 3), bytes.slice(2, 8)],
      [new Int32Array(bytes.buffer, 4, 2), bytes.slice(4, 12)],
      [new Uint32Array(bytes.buffer, 4, 2), bytes.slice(4, 12)],
      [new Float32Array(bytes.buffer, 4, 2), bytes.slice(4, 12)],
      [new Float64Array(bytes.buffer, 8, 2), bytes.slice(8, 24)],
      [new BigInt64Array(bytes.buffer, 8, 2), bytes.slice(8, 24)],
      [new BigUint64Array(bytes.buffer, 8, 2), bytes.slice(8, 24)],
      [new Uint8Array(new SharedArrayBuffer(5)), new Uint8Array(5)],
    ];
    const coming = messages(handle, sent.length);
    for (const [data] of sent) bridge.send(handle, data);
    const came = await coming;
    for (const [i, [, expected]] of sent.entries()) {
      const data = came[i];
      if (typeof expected === 'string') assert.equal(data, expected);
      else assert.deepEqual(new Uint8Array(data as ArrayBuffer), expected, `message ${i}`);
    }
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('of every size around the limits come back whole', async () => {
    const handle = await echoChannel();
    const sizes = [1, 7, 8, 9, 1200, 65_535, 65_536, 65_537, 262_144, 1_000_000, 3_000_000];
    for (const size of sizes) {
      const message = Buffer.alloc(size, `${size}`);
      bridge.send(handle, message);
      const [data] = await once(handle);
      assert.ok(data instanceof ArrayBuffer);
      assert.ok(message.equals(Buffer.from(data)), `${size} bytes`);
    }
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('are the listener’s own: the next ones do not change them', async () => {
    const handle = await echoChannel();
    const coming = messages(handle, 1000);
    for (let i = 0; i < 1000; i++) bridge.send(handle, new Uint32Array([i]));
    const came = await coming;
    assert.deepEqual(
      came.map((data) => new Uint32Array(data as ArrayBuffer)[0]),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('count as buffered until they have left', async () => {
    const handle = await echoChannel();
    const coming = messages(handle, 3);
    for (let i = 0; i < 3; i++) bridge.send(handle, new Uint8Array(1000));
    assert.ok(bridge.query(handle, Query.BufferedAmount) <= 3000);
    await coming;
    assert.equal(bridge.query(handle, Query.BufferedAmount), 0);
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('are refused when the buffer is full', async () => {
    const handle = await echoChannel();
    assert.throws(
      () => {
        for (let i = 0; i < 100; i++) bridge.send(handle, new Uint8Array(1_000_000));
      },
      { name: 'OperationError', code: 'ERR_BUFFER_FULL' },
    );
    await bridge.request(handle, Hook.EchoClose, {});
  });

  it('to a handle that takes none are refused', async () => {
    const { handle } = await bridge.request(0, Method.WorkerCreate, { logLevel: 'none' });
    for (const wrong of [0, handle]) {
      assert.throws(() => {
        bridge.send(wrong, 'x');
      }, TypeError);
      assert.throws(() => bridge.query(wrong, Query.BufferedAmount), TypeError);
    }
    await bridge.request(handle, Method.WorkerClose, {});
  });
});

describe('a listener', () => {
  it('hears events and messages in order, and closed last', async () => {
    const handle = await echoChannel();
    const heard: string[] = [];
    const closed = new Promise<void>((resolve) => {
      bridge.listen(handle, {
        event: (event, body) => {
          if (event === ECHO_TICK) heard.push(`${event} ${body.number}`);
        },
        message: (data) => heard.push(`${new Uint32Array(data as ArrayBuffer)[0]}`),
        closed: () => {
          heard.push('closed');
          resolve();
        },
      });
    });
    await bridge.request(handle, Hook.EchoBurst, { events: 3000, messages: 3000, size: 4 });
    bridge.request(handle, Hook.EchoClose, {});
    await closed;
    const expected = Array.from({ length: 3000 }, (_, i) => [`${ECHO_TICK} ${i}`, `${i}`]);
    assert.deepEqual(heard, [...expected.flat(), 'closed']);
  });

  it('hears what came before it listened, in order', async () => {
    const handle = await echoChannel();
    await bridge.request(handle, Hook.EchoBurst, { events: 10, messages: 10, size: 4 });
    await bridge.request(handle, Hook.EchoClose, {});
    let events = 0;
    let messageCount = 0;
    await new Promise<void>((resolve) => {
      bridge.listen(handle, {
        event: (event, body) => {
          if (event === ECHO_TICK) assert.equal(body.number, events++);
        },
        message: () => messageCount++,
        closed: resolve,
      });
      assert.equal(events, 0, 'not within listen()');
    });
    assert.deepEqual([events, messageCount], [10, 10]);
  });

  it('that throws does not stop the rest', async () => {
    const handle = await echoChannel();
    const thrown: unknown[] = [];
    const previous = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const catcher = (error: unknown) => thrown.push(error);
    process.on('uncaughtException', catcher);
    let calls = 0;
    const listener: HookedListener = {
      event: () => {
        calls++;
        throw new Error('deliberate');
      },
    };
    bridge.listen(handle, listener);
    await bridge.request(handle, Hook.EchoBurst, { events: 10, messages: 0, size: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', catcher);
    for (const other of previous) process.on('uncaughtException', other);
    assert.deepEqual([calls, thrown.length], [10, 10]);
    await bridge.request(handle, Hook.EchoClose, {});
  });
});

function once(handle: number): Promise<(string | ArrayBuffer)[]> {
  return messages(handle, 1);
}
