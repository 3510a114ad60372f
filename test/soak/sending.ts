// What a bot does with what it sends.
import { codecOf, until } from '../e2e/session.js';
import { open } from './action.js';
import type { Action } from './action.js';
import type { Bot } from './bot.js';
import type { Chance } from './chance.js';
import { meansOf, openSource } from './sources.js';
import type { Source } from './sources.js';

const MOST_SENT = 3;
const MOST_DATA = 2;

async function sendingOf(bot: Bot, chance: Chance) {
  const relay = chance.happens(0.5) ? { relay: bot.world.server.relay } : {};
  return (bot.sending ??= bot.watch(await bot.peer.createSendTransport(relay)));
}

/** The tracks of a source end with it, whatever became of it. */
async function withSource<T>(source: Source, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    source.stop();
    throw error;
  }
}

function encodingsOf({ plain, track }: Source, chance: Chance) {
  if (!plain || track.kind === 'audio') return {};
  const several = chance.happens(0.2);
  return several
    ? { encodings: [{ maxBitrate: 100_000 }, { maxBitrate: 300_000 }] }
    : { encodings: [{ maxFramerate: 15, maxBitrate: 300_000 }] };
}

export const sending: Action[] = [
  {
    name: 'produce',
    weight: 6,
    can: ({ joined, sent }) => joined && open(sent).length < MOST_SENT,
    async run(bot, chance) {
      const transport = await sendingOf(bot, chance);
      const source = await openSource(chance.of(['audio', 'video']), meansOf(bot, chance));
      const { mimeType, track } = source;
      bot.world.note(`${bot.name} sends ${source.name}`);
      const producer = await withSource(source, () =>
        transport.produce({
          track,
          ...encodingsOf(source, chance),
          ...(mimeType ? { codec: codecOf(bot.peer.device, mimeType) } : {}),
        }),
      );
      bot.sent.add({ producer, source, owner: bot, paused: false, closed: false });
    },
  },
  {
    name: 'pause or resume a producer',
    weight: 3,
    can: ({ sent }) => open(sent).length > 0,
    run({ sent }, chance) {
      const one = chance.of(open(sent));
      one.paused = !one.paused;
      if (one.paused) one.producer.pause();
      else one.producer.resume();
    },
  },
  {
    name: 'replaceTrack',
    weight: 3,
    can: ({ sent }) => open(sent).some(({ source }) => source.plain),
    async run(bot, chance) {
      const one = chance.of(open(bot.sent).filter(({ source }) => source.plain));
      let source: Source | undefined;
      do {
        // What is coded has a codec of its own, which need not be the one that was negotiated.
        source?.stop();
        source = await openSource(one.producer.kind, meansOf(bot, chance));
      } while (!source.plain);
      const { track } = source;
      await withSource(source, () => one.producer.replaceTrack({ track }));
      one.source.stop();
      one.source = source;
    },
  },
  {
    name: 'close a producer',
    weight: 2,
    can: ({ sent }) => open(sent).length > 0,
    run({ sent }, chance) {
      const one = chance.of(open(sent));
      one.closed = true;
      one.producer.close();
      one.source.stop();
    },
  },
  {
    name: 'produceData',
    weight: 2,
    can: ({ joined, sentData }) => joined && open(sentData).length < MOST_DATA,
    async run(bot, chance) {
      const transport = await sendingOf(bot, chance);
      const producer = await transport.produceData({ label: bot.name });
      bot.sentData.add({ producer, messages: 0, closed: false });
    },
  },
  {
    name: 'send messages',
    weight: 4,
    can: ({ sentData }) => open(sentData).length > 0,
    async run(bot, chance) {
      const one = chance.of(open(bot.sentData));
      const { producer } = one;
      const isOver = () => one.closed || !bot.world.server.alive;
      await until('an open channel', () => producer.readyState === 'open' || isOver());
      if (isOver()) return;
      const size = chance.whole(4, 20_000);
      for (let left = chance.whole(1, 20); left > 0; left--) {
        const message = Buffer.alloc(size);
        message.writeUInt32BE(++one.messages);
        producer.send(message);
      }
    },
  },
  {
    name: 'close a data producer',
    weight: 1,
    can: ({ sentData }) => open(sentData).length > 0,
    run({ sentData }, chance) {
      const one = chance.of(open(sentData));
      one.closed = true;
      one.producer.close();
    },
  },
];
