import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import type { types } from 'mediasoup-client';
import { domEvent, event, join, openRoom, until } from './session.js';
import type { Room } from './session.js';

/** A data channel through the server: what is sent into `out` comes out of `into`. */
async function channel(room: Room, options: types.DataProducerOptions = {}) {
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await bob.createRecvTransport();
  const out = await sending.produceData(options);
  const into = await room.consumeData(bob, out);
  await Promise.all([opened(out), opened(into)]);
  // Until it has heard of the last step of SCTP's handshake, the server drops what is for its other side.
  await until('SCTP', () => room.serverTransport(receiving).sctpState === 'connected');
  return { alice, bob, sending, receiving, out, into };
}

async function opened(object: types.DataProducer | types.DataConsumer): Promise<void> {
  await until('open', () => object.readyState === 'open');
}

const bytes = (data: unknown) => Buffer.from(data as ArrayBuffer);

/** The server drops what its buffer has no room for: 256 KiB, in which what was not acknowledged yet is, too. */
const ROOMY = { sctpSendBufferSize: 2 ** 20 };

test('every kind of message arrives as what it was, empty ones too', async (t) => {
  const room = await openRoom(t);
  const { out, into } = await channel(room);
  const received: unknown[] = [];
  into.on('message', (message: unknown) => received.push(message));

  const content = new Uint8Array([0, 1, 2, 3, 254, 255, 128, 64]);
  const views = [
    Buffer.from(content),
    content,
    new Uint8ClampedArray(content),
    new Int8Array(content.buffer),
    new Uint16Array(content.buffer),
    new Int16Array(content.buffer),
    new Uint32Array(content.buffer),
    new Int32Array(content.buffer),
    new Float32Array(content.buffer),
    new Float64Array(content.buffer),
    new BigInt64Array(content.buffer),
    new BigUint64Array(content.buffer),
    new DataView(content.buffer),
    content.buffer,
    new Blob([content]),
  ];
  const part = Buffer.concat([Buffer.from('xx'), content, Buffer.from('yy')]).subarray(2, 10);
  const sent = [
    'text',
    'größer ☃ 𝄞',
    '',
    ...views,
    part,
    Buffer.alloc(0),
    new ArrayBuffer(0),
    new Blob([]),
  ];
  for (const message of sent) out.send(message);
  await until('all messages', () => received.length === sent.length);

  assert.deepEqual(received.slice(0, 3), ['text', 'größer ☃ 𝄞', '']);
  for (const message of received.slice(3, 3 + views.length + 1)) {
    assert.ok(message instanceof ArrayBuffer);
    assert.deepEqual(bytes(message), Buffer.from(content));
  }
  for (const message of received.slice(3 + views.length + 1)) {
    assert.ok(message instanceof ArrayBuffer);
    assert.equal(message.byteLength, 0);
  }
});

/** A view of another realm: a test runner's apps have those. */
const ofAnotherRealm = (kind: string, content: Uint8Array) =>
  runInNewContext(kind === 'ArrayBuffer' ? bytesThere : `new ${kind}(${bytesThere})`, {
    content,
  }) as Uint8Array<ArrayBuffer>;
const bytesThere = 'Uint8Array.from(content).buffer';

test('what only looks like bytes of this realm arrives, and what was moved away is empty', async (t) => {
  const room = await openRoom(t);
  const { out, into } = await channel(room);
  const received: unknown[] = [];
  into.on('message', (message: unknown) => received.push(message));
  const content = new Uint8Array([0, 1, 2, 3, 254, 255, 128, 64]);
  const moved = () => {
    const view = content.slice();
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  };
  const kinds = ['Uint8Array', 'Int16Array', 'Float64Array', 'DataView'];
  // Where the runtime has it.
  if ('Float16Array' in globalThis) kinds.push('Float16Array');
  const whole = [
    ...kinds.map((kind) => ofAnotherRealm(kind, content)),
    ofAnotherRealm('ArrayBuffer', content),
    new Uint8Array(new SharedArrayBuffer(8)).map((_, i) => content[i] ?? 0),
    new Blob([ofAnotherRealm('Uint8Array', content)]),
  ];
  const dataView = new DataView(new ArrayBuffer(8));
  structuredClone(dataView.buffer, { transfer: [dataView.buffer] });
  const empty = [moved(), moved().buffer, dataView];
  // The second half waits behind a Blob, with a copy of its own.
  const sent = [...whole, ...empty, new Blob([content]), ...whole, ...empty];
  for (const message of sent) out.send(message);
  await until('all messages', () => received.length === sent.length);
  for (const [i, message] of received.entries()) {
    assert.ok(message instanceof ArrayBuffer);
    const isEmpty = empty.includes(sent[i] as never);
    assert.deepEqual(bytes(message), Buffer.from(isEmpty ? [] : content), `message ${i}`);
  }
});

test('a message of every size belongs to the app: it moves to where it is transferred', async (t) => {
  const room = await openRoom(t, ROOMY);
  const { out, into } = await channel(room);
  // Above 64 KB they come another way.
  for (const size of [1, 65_536, 65_537, 262_144]) {
    const got = event<ArrayBuffer>(into, 'message');
    out.send(Buffer.alloc(size, 7));
    const message = await got;
    const moved = structuredClone(message, { transfer: [message] });
    assert.deepEqual([message.byteLength, moved.byteLength], [0, size]);
    assert.ok(bytes(moved).equals(Buffer.alloc(size, 7)));
  }
});

test('10,000 messages of mixed kinds arrive whole and in order', async (t) => {
  const room = await openRoom(t);
  const { out, into } = await channel(room);
  const count = 10_000;
  const deadline = performance.now() + 60_000;
  let next = 0;
  let underWay = 0;
  let wrong = '';
  into.on('message', (message: unknown) => {
    const expected = messageOf(next);
    const same =
      typeof expected === 'string'
        ? message === expected
        : message instanceof ArrayBuffer && bytes(message).equals(expected);
    if (!same && !wrong) wrong = `message ${next}`;
    underWay -= Buffer.byteLength(expected);
    next++;
  });
  for (let index = 0; index < count; index++) {
    const message = messageOf(index);
    // The server drops what its own buffer of 256 KiB can't hold.
    while (underWay > 100_000) {
      assert.ok(performance.now() < deadline, `${next} of ${index} messages arrived`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    underWay += Buffer.byteLength(message);
    out.send(message);
  }
  await until('the last message', () => next === count, { timeoutMs: 30_000 });
  assert.equal(wrong, '');
});

function messageOf(index: number): string | Buffer {
  const size = (index * 37) % 3_000;
  return index % 3 === 0 ? `${index}:${'é'.repeat(size % 500)}` : Buffer.alloc(size, index % 251);
}

test('a second and a third channel open and carry their own messages', async (t) => {
  const room = await openRoom(t);
  const { bob, sending, out, into } = await channel(room, { label: 'first' });
  const received: string[] = [];
  into.on('message', (message: unknown) => received.push(`1:${message as string}`));
  for (const label of ['second', 'third']) {
    const more = await sending.produceData({ label });
    const consumer = await room.consumeData(bob, more);
    await Promise.all([opened(more), opened(consumer)]);
    assert.equal(consumer.label, label);
    consumer.on('message', (message: unknown) => received.push(`${label}:${message as string}`));
    more.send('hello');
    await until(label, () => received.includes(`${label}:hello`));
  }
  out.send('hello');
  await until('first', () => received.includes('1:hello'));
  assert.equal(received.length, 3);
});

test('consumeData() twice for one data consumer is refused, and what the first has goes on', async (t) => {
  const room = await openRoom(t);
  const [alice, bob] = [await join(room), await join(room)];
  const producer = await (await alice.createSendTransport()).produceData();
  const receiving = await bob.createRecvTransport();
  const consume = receiving.consumeData.bind(receiving);
  let given: types.DataConsumerOptions | undefined;
  receiving.consumeData = (options) => {
    given = options;
    return consume(options);
  };
  const first = await room.consumeData(bob, producer);
  assert.ok(given);
  const twice = consume(given);
  await assert.rejects(twice, { name: 'OperationError', message: /streamId.*called twice/ });
  await Promise.all([opened(producer), opened(first)]);
  await until('SCTP', () => room.serverTransport(receiving).sctpState === 'connected');
  const arrived = event(first, 'message');
  producer.send('one');
  assert.equal(await arrived, 'one');
  // As soon as the first is closed by the app, its stream is free.
  first.close();
  const again = await consume(given);
  again.close();
});

test('label, protocol, ordered, maxRetransmits and maxPacketLifeTime arrive', async (t) => {
  const room = await openRoom(t);
  const { bob, sending } = await channel(room);
  for (const options of [
    { ordered: true, label: 'plain', protocol: '' },
    { ordered: false, maxRetransmits: 3, label: 'häufig', protocol: 'ping' },
    { ordered: false, maxPacketLifeTime: 5_000, label: '', protocol: 'x' },
  ]) {
    const producer = await sending.produceData(options);
    const consumer = await room.consumeData(bob, producer);
    await Promise.all([opened(producer), opened(consumer)]);
    assert.equal(producer.sctpStreamParameters.ordered, options.ordered);
    assert.equal(producer.sctpStreamParameters.maxRetransmits, options.maxRetransmits);
    assert.equal(producer.sctpStreamParameters.maxPacketLifeTime, options.maxPacketLifeTime);
    assert.equal(consumer.label, options.label);
    assert.equal(consumer.protocol, options.protocol);
    const got = event(consumer, 'message');
    producer.send('x');
    assert.equal(await got, 'x');
  }
});

test('bufferedAmount is exact at once, and falls to 0 with its event', async (t) => {
  const room = await openRoom(t);
  const { out } = await channel(room);
  const buffered = () => out.bufferedAmount;
  assert.equal(buffered(), 0);
  out.bufferedAmountLowThreshold = 1_000;
  let low = 0;
  out.on('bufferedamountlow', () => low++);
  // Far more than goes out while this loop runs, however the threads are scheduled.
  const messages = Array.from({ length: 32 }, () => Buffer.alloc(250_000));
  for (const message of messages) out.send(message);
  out.send('größe');
  assert.ok(buffered() > 1_000_000, `${buffered()}`);
  assert.ok(buffered() <= 8_000_007, `${buffered()}`);
  await until('an empty buffer', () => buffered() === 0);
  await until('bufferedamountlow', () => low >= 1);
});

test('binaryType: blobs where they are asked for', async (t) => {
  const room = await openRoom(t);
  const { out, into } = await channel(room);
  assert.equal(into.binaryType, 'arraybuffer');
  into.binaryType = 'blob';
  const got = event(into, 'message');
  out.send(Buffer.from('abc'));
  const message = await got;
  assert.ok(message instanceof Blob);
  assert.equal(await message.text(), 'abc');
});

test('a message of the limit arrives, one above it is refused and nothing breaks', async (t) => {
  const room = await openRoom(t, ROOMY);
  const { out, into, sending } = await channel(room);
  const limit = 262_144;
  const got = event<ArrayBuffer>(into, 'message');
  out.send(Buffer.alloc(limit, 7));
  assert.equal((await got).byteLength, limit);
  assert.throws(
    () => out.send(Buffer.alloc(limit + 1)),
    (error: Error & { code?: string }) =>
      error.name === 'TypeError' && error.message.includes('262144'),
  );
  assert.equal(sending.closed, false);
  const next = event(into, 'message');
  out.send('still here');
  assert.equal(await next, 'still here');
});

test('a channel that the server has closed takes messages until it tells so', async (t) => {
  const room = await openRoom(t);
  const { out, into, sending } = await channel(room);
  const arrived: unknown[] = [];
  into.on('message', (message: unknown) => arrived.push(message));
  out.send('before');
  await until('the message', () => arrived.length === 1);
  room.serverTransport(sending).close();
  // Nothing is told to a thread that is blocked.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  assert.equal(out.readyState, 'open');
  for (const message of ['after', '', Buffer.alloc(1000), new Blob(['after'])]) {
    out.send(message);
  }
  await until('its end', () => out.readyState === 'closed');
  assert.throws(() => {
    out.send('late');
  }, /InvalidStateError|closed/);
  assert.equal(arrived.length, 1);
});

test('closing fires close on both sides once, and sending after it is refused', async (t) => {
  const room = await openRoom(t);
  const { out, into } = await channel(room);
  const raw = (out as unknown as { _dataChannel: RTCDataChannel })._dataChannel;
  let closes = 0;
  raw.addEventListener('close', () => closes++);
  let isHeard = false;
  into.observer.once('close', () => (isHeard = true));
  const local = domEvent(raw, 'close');
  raw.close();
  assert.ok(['closing', 'closed'].includes(raw.readyState));
  await local;
  assert.equal(raw.readyState, 'closed');
  assert.equal(closes, 1);
  assert.throws(() => raw.send('x'), { name: 'InvalidStateError' });
  await until('close on the other side', () => isHeard);
});

test('a full buffer refuses messages by its code, and goes on when it has drained', async (t) => {
  const room = await openRoom(t);
  const { out, into } = await channel(room);
  const message = new Uint8Array(65_536);
  let sent = 0;
  assert.throws(
    () => {
      for (;;) {
        out.send(message);
        sent += 1;
      }
    },
    { name: 'OperationError', code: 'ERR_BUFFER_FULL' },
  );
  // 64 MiB wait, and what SCTP took meanwhile.
  assert.ok(sent >= 1024, `${sent} messages`);
  await until('drained', () => out.bufferedAmount === 0, { timeoutMs: 60_000 });
  let isHeard = false;
  into.on('message', (text: unknown) => (isHeard ||= text === 'more'));
  // The server drops what its own buffer has no room for.
  await until('the last message', () => (isHeard || out.send('more'), isHeard));
});
