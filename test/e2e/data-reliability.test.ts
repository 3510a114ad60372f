// What a data channel's reliability does where packets are lost and late, seen at the far end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import { join, openRoom, until } from './session.js';
import { mulberry32 } from './support/random.mjs';
import { Relay } from './support/relay.mjs';

const COUNT = 60;
const EVERY_MS = 40;
// Only packets with a message are as large; acknowledgements and checks get through.
const MESSAGE_BYTES = 700;
const ONE_WAY_MS = 100;
// One message overtakes it. More would be taken for a loss.
const LATE_MS = 60;
// What a busy machine adds.
const SCHEDULING_MS = 150;

type Reliability = Pick<
  types.DataProducerOptions,
  'ordered' | 'maxRetransmits' | 'maxPacketLifeTime'
>;

/** How many of the packets it hits. */
const SHARES = { loses: 0.15, 'loses half': 0.5, delays: 0.15, stops: 1 };
type Trouble = keyof typeof SHARES;

/** A network in which packets that carry a message are in trouble on one way, while it is told to. */
class Disturbed {
  readonly relay: Relay;
  trouble: Trouble | undefined;
  lost = 0;
  late = 0;
  #random = mulberry32(7);

  constructor(t: TestContext, direction: 'up' | 'down') {
    this.relay = new Relay({ up: { delayMs: ONE_WAY_MS }, down: { delayMs: ONE_WAY_MS } });
    t.after(() => this.relay.close());
    const way = this.relay[direction];
    const carry = way.carry.bind(way);
    way.carry = (packet, deliver) => {
      const isHit = packet.length >= MESSAGE_BYTES && this.#isHit();
      if (!isHit) {
        carry(packet, deliver);
        return;
      }
      if (this.trouble === 'delays') {
        this.late++;
        setTimeout(() => carry(packet, deliver), LATE_MS);
      } else {
        this.lost++;
      }
    };
  }

  /** Whatever the packet is: what is sent again as well. */
  #isHit(): boolean {
    return this.trouble !== undefined && this.#random() < SHARES[this.trouble];
  }
}

type Channel = {
  send(message: string): void;
  /** Numbers of the messages in the order of their arrival. */
  received: number[];
  /** How long each was on its way. */
  took: number[];
  empty(): boolean;
};

/** From this package through the network to the server. */
async function upwards(t: TestContext, network: Disturbed, reliability: Reliability) {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport({ relay: network.relay });
  const producer = await sending.produceData(reliability);
  const direct = await room.server.router.createDirectTransport();
  const consumer = await direct.consumeData({ dataProducerId: producer.id });
  await until('open', () => producer.readyState === 'open');
  const channel = channelOf((message) => producer.send(message));
  consumer.on('message', (message: Buffer) => channel.arrived(message.toString()));
  return { ...channel, empty: () => producer.bufferedAmount === 0 };
}

/** From the server through the network to this package. */
async function downwards(t: TestContext, network: Disturbed, reliability: Reliability) {
  const room = await openRoom(t);
  const bob = await join(room);
  const receiving = await bob.createRecvTransport({ relay: network.relay });
  const direct = await room.server.router.createDirectTransport();
  const producer = await direct.produceData();
  const consumer = await bob.consumeData(producer, { server: reliability });
  await until('open', () => consumer.readyState === 'open');
  // The server drops what comes before its own side is open as well.
  await until('SCTP', () => room.serverTransport(receiving).sctpState === 'connected');
  const channel = channelOf((message) => producer.send(message));
  consumer.on('message', (message: unknown) => channel.arrived(message as string));
  return { ...channel, empty: () => true };
}

function channelOf(send: (message: string) => void) {
  const sentAt: number[] = [];
  const received: number[] = [];
  const took: number[] = [];
  return {
    received,
    took,
    send(message: string) {
      sentAt.push(performance.now());
      send(message);
    },
    arrived(message: string) {
      const number = parseInt(message, 10);
      received.push(number);
      took.push(performance.now() - (sentAt[number] ?? NaN));
    },
  };
}

/** Sends numbered messages, each a packet, and waits until what can still arrive has arrived. */
async function exchange(channel: Channel, network: Disturbed, trouble: Trouble) {
  for (let number = 0; number < COUNT; number++) {
    // The way is free again for the last ones.
    const isOver = number >= COUNT - 10 || (trouble === 'stops' && number < 10);
    network.trouble = isOver ? undefined : trouble;
    channel.send(`${number}`.padEnd(MESSAGE_BYTES, '.'));
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  // With a short lifetime the first ones after a stop may be over before SCTP tries again.
  let last = COUNT;
  await until('a message after the trouble', () => {
    const isThere = channel.received.some((number) => number >= COUNT);
    if (!isThere) channel.send(`${last++}`);
    return isThere;
  });
  await until('an empty buffer', () => channel.empty(), { timeoutMs: 20_000 });
  const missing = all.filter((number) => !channel.received.includes(number));
  const slow = channel.took.filter((took) => took > ONE_WAY_MS + SCHEDULING_MS).length;
  return { missing, slow, inOrder: isInOrder(channel.received) };
}

const isInOrder = (numbers: number[]) => numbers.every((n, i) => n > (numbers[i - 1] ?? -1));
const all = Array.from({ length: COUNT }, (_, number) => number);

for (const [direction, open] of Object.entries({ up: upwards, down: downwards })) {
  const run = async (t: TestContext, reliability: Reliability, trouble: Trouble) => {
    const network = new Disturbed(t, direction as 'up' | 'down');
    const channel = await open(t, network, reliability);
    const result = await exchange(channel, network, trouble);
    assert.ok(network.lost + network.late >= 5, `${network.lost} lost, ${network.late} late`);
    t.diagnostic(JSON.stringify({ trouble, lost: network.lost, late: network.late, ...result }));
    return { ...result, lost: network.lost };
  };

  test(`${direction}: ordered and reliable, every message arrives in its order and waits for those before`, async (t) => {
    for (const trouble of ['loses', 'delays'] as const) {
      const { missing, slow, inOrder, lost } = await run(t, { ordered: true }, trouble);
      assert.deepEqual(missing, []);
      assert.ok(inOrder);
      if (trouble === 'loses') assert.ok(slow > 2 * lost, `${slow} messages waited`);
    }
  });

  test(`${direction}: unordered, every message arrives, and late ones are overtaken`, async (t) => {
    // mediasoup 3.27.1 sends unordered messages again never, and drops at once those without a lifetime.
    const reliability = direction === 'up' ? {} : { maxPacketLifeTime: 20_000 };
    for (const trouble of direction === 'up'
      ? (['loses', 'delays'] as const)
      : ['delays' as const]) {
      const { missing, inOrder } = await run(t, { ordered: false, ...reliability }, trouble);
      assert.deepEqual(missing, []);
      assert.ok(!inOrder);
    }
  });

  test(`${direction}: messages go missing once their lifetime is over`, async (t) => {
    const short = await run(t, { ordered: false, maxPacketLifeTime: ONE_WAY_MS }, 'stops');
    assert.ok(short.missing.length >= 10, `${short.missing.length} messages are missing`);
    if (direction === 'down') return;
    const long = await run(t, { ordered: false, maxPacketLifeTime: 20_000 }, 'loses');
    assert.deepEqual(long.missing, []);
  });
}

for (const reliability of [
  { ordered: false, maxRetransmits: 0 },
  // mediasoup-client takes 0 for none: this one stays ordered.
  { maxRetransmits: 0 },
]) {
  test(`up: with ${JSON.stringify(reliability)} what is lost goes missing, and nothing waits for it`, async (t) => {
    const network = new Disturbed(t, 'up');
    const channel = await upwards(t, network, reliability);
    const { missing, slow } = await exchange(channel, network, 'loses');
    assert.ok(network.lost >= 5);
    // What waited for one that was sent again would take three times as long.
    assert.ok(slow < COUNT / 6, `${slow} messages waited`);
    assert.ok(missing.length >= network.lost, `${missing.length} of ${network.lost}`);
    // pion takes all that is on its way for given up as soon as one is; of those that are
    // ordered, the server's SCTP then drops the newest as well.
    assert.ok(missing.length <= (reliability.ordered === false ? 1 : 2.5) * network.lost);
  });
}

test('up: with one retransmission, a message that is lost twice goes missing', async (t) => {
  const network = new Disturbed(t, 'up');
  const channel = await upwards(t, network, { ordered: false, maxRetransmits: 1 });
  const { missing, inOrder } = await exchange(channel, network, 'loses half');
  assert.ok(missing.length > 0 && missing.length < network.lost);
  assert.ok(!inOrder);
});

test('up: while nothing gets through and the window is full, JavaScript sends on and waits for nothing', async (t) => {
  const network = new Disturbed(t, 'up');
  const channel = await upwards(t, network, { ordered: true });
  const stallMs = 2000;
  const more = '.'.repeat(16_384);
  let sent = 0;
  let longest = 0;
  network.trouble = 'stops';
  const began = performance.now();
  for (let last = began; last - began < stallMs;) {
    // Two megabytes: more than SCTP takes.
    for (let i = 0; i < 4 && sent < 128; i++) channel.send(`${sent++}${more}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  assert.deepEqual([sent, channel.received.length, channel.empty()], [128, 0, false]);
  assert.ok(longest < stallMs / 4, `a turn took ${longest} ms of a stall of ${stallMs} ms`);
  network.trouble = undefined;
  await until('all to arrive', () => channel.received.length === sent, { timeoutMs: 60_000 });
  assert.ok(isInOrder(channel.received));
  await until('an empty buffer', () => channel.empty());
});
