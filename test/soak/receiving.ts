// What a bot does with what it receives.
import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { open, unlessClosed } from './action.js';
import type { Action } from './action.js';
import type { Bot, Received, ReceivedData } from './bot.js';
import type { Chance } from './chance.js';
import { arrives } from './arrives.js';

const MOST_RECEIVED = 5;

async function receivingOf(bot: Bot, chance: Chance) {
  const relay = chance.happens(0.5) ? { relay: bot.world.server.relay } : {};
  return (bot.receiving ??= bot.watch(await bot.peer.createRecvTransport(relay)));
}

/** What it could receive and does not. */
function offered(bot: Bot) {
  const has = new Set(open(bot.received).map(({ of }) => of));
  return bot.world.sent.filter((sent) => !has.has(sent));
}

function offeredData(bot: Bot) {
  const has = new Set(open(bot.receivedData).map(({ of }) => of));
  return bot.world.sentData.filter((sent) => !has.has(sent));
}

/** A server tells when it closed what consumes, as what is consumed is closed. */
function closeWhenGone(bot: Bot, one: Received | ReceivedData) {
  const { consumer } = one;
  const forget = bot.world.server.onGone(consumer.id, () => {
    consumer.close();
    one.closed = true;
  });
  (consumer.observer as EventEmitter).once('close', forget);
}

const COUNTERS = ['packetsReceived', 'bytesReceived', 'headerBytesReceived'];

/** Counters only grow. */
function countUp({ counted }: Received, report: RTCStatsReport) {
  for (const entry of (report as Map<string, Record<string, unknown>>).values()) {
    if (entry['type'] !== 'inbound-rtp') continue;
    for (const name of COUNTERS) {
      const key = `${String(entry['id'])} ${name}`;
      const count = Number(entry[name]);
      assert.ok(count >= (counted.get(key) ?? 0), `${key}: ${count} is less than before`);
      counted.set(key, count);
    }
  }
}

export const receiving: Action[] = [
  {
    name: 'consume',
    weight: 6,
    can: (bot) =>
      bot.joined && open(bot.received).length < MOST_RECEIVED && offered(bot).length > 0,
    async run(bot, chance) {
      const of = chance.of(offered(bot));
      const transport = await receivingOf(bot, chance);
      await unlessClosed(bot, of, async () => {
        const consumer = await bot.peer.consume(of.producer, { transport, paused: true });
        const one = { consumer, of, paused: false, closed: false, counted: new Map() };
        bot.received.add(one);
        bot.receivesProbes ||= consumer.kind === 'video';
        closeWhenGone(bot, one);
        await unlessClosed(bot, one, () =>
          bot.world.server.request('resumeConsumer', { consumerId: consumer.id }),
        );
      });
    },
  },
  {
    name: 'media arrives',
    weight: 6,
    can: ({ received }) => open(received).length > 0,
    async run(bot, chance) {
      await arrives(bot, chance.of(open(bot.received)));
    },
  },
  {
    name: 'pause or resume a consumer',
    weight: 3,
    can: ({ received }) => open(received).length > 0,
    async run(bot, chance) {
      const one = chance.of(open(bot.received));
      const { consumer } = one;
      one.paused = !one.paused;
      if (one.paused) consumer.pause();
      else consumer.resume();
      const method = one.paused ? 'pauseConsumer' : 'resumeConsumer';
      await unlessClosed(bot, one, () =>
        bot.world.server.request(method, { consumerId: consumer.id }),
      );
    },
  },
  {
    name: 'change layers',
    weight: 2,
    can: ({ received }) => open(received).some(({ consumer }) => consumer.kind === 'video'),
    async run(bot, chance) {
      const one = chance.of(
        open(bot.received).filter(({ consumer: { kind } }) => kind === 'video'),
      );
      const layers = { spatialLayer: chance.whole(0, 1), temporalLayer: chance.whole(0, 2) };
      await unlessClosed(bot, one, () => bot.world.server.prefer(one.consumer.id, layers));
    },
  },
  {
    name: 'getStats',
    weight: 4,
    can: ({ received }) => open(received).length > 0,
    async run(bot, chance) {
      const one = chance.of(open(bot.received));
      await unlessClosed(bot, one, async () => {
        countUp(one, await one.consumer.getStats());
      });
    },
  },
  {
    name: 'close a consumer',
    weight: 2,
    can: ({ received }) => open(received).length > 0,
    run({ received }, chance) {
      const one = chance.of(open(received));
      one.consumer.close();
      one.closed = true;
    },
  },
  {
    name: 'consumeData',
    weight: 3,
    can: (bot) => bot.joined && offeredData(bot).length > 0,
    async run(bot, chance) {
      const of = chance.of(offeredData(bot));
      const transport = await receivingOf(bot, chance);
      await unlessClosed(bot, of, async () => {
        const consumer = await bot.peer.consumeData(of.producer, { transport });
        const one = { consumer, of, last: 0, closed: false };
        consumer.on('message', (message: ArrayBuffer) => {
          const number = new DataView(message).getUint32(0);
          if (number <= one.last) bot.world.fail(`message ${number} came after ${one.last}`);
          one.last = number;
        });
        bot.receivedData.add(one);
        closeWhenGone(bot, one);
      });
    },
  },
];
