// How a bot comes and goes, and what it does with its transports.
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../e2e/session.js';
import type { Action } from './action.js';
import { inTime } from './in-time.js';
import { meansOf, openSource } from './sources.js';

export const connecting: Action[] = [
  {
    name: 'join',
    weight: 30,
    can: ({ joined }) => !joined,
    run: (bot, chance) => bot.join(chance),
  },
  {
    name: 'leave',
    weight: 1,
    can: ({ joined }) => joined,
    run: (bot, chance) => bot.leave(chance.of(['worker', 'transports'])),
  },
  {
    name: 'close a transport',
    weight: 1,
    can: ({ transports }) => transports.length > 0,
    run(bot, chance) {
      if (bot.sending && (!bot.receiving || chance.happens(0.5))) bot.closeSending();
      else bot.closeReceiving();
    },
  },
  {
    name: 'restart ICE',
    weight: 2,
    can: ({ transports }) => transports.some(({ connectionState }) => connectionState !== 'new'),
    async run(bot, chance) {
      const transport = chance.of(
        bot.transports.filter(({ connectionState }) => connectionState !== 'new'),
      );
      await bot.peer.restartIce(transport);
      const { server } = bot.world;
      await until(
        'a connection after an ICE restart',
        () => transport.connectionState === 'connected' || server.disturbed || !server.alive,
      );
    },
  },
  {
    name: 'close half-way',
    weight: 2,
    can: ({ joined }) => joined,
    async run(bot, chance) {
      const { peer, world } = bot;
      const [sending, receiving] = await Promise.all([
        peer.createSendTransport(),
        peer.createRecvTransport(),
      ]);
      const source = await openSource(chance.of(['audio', 'video']), meansOf(bot, chance));
      const offered = [...world.sent];
      const asked = [
        sending.produce({ track: source.track }),
        sending.produceData(),
        ...(offered.length > 0
          ? [peer.consume(chance.of(offered).producer, { transport: receiving })]
          : []),
        sending.getStats(),
        peer.restartIce(receiving),
      ];
      const settled = Promise.allSettled(asked);
      await pause(chance.between(0, 100));
      sending.close();
      receiving.close();
      // Not all ends well; all ends.
      for (const end of await inTime('what was asked of a closed transport', settled)) {
        if (end.status === 'rejected') world.met(`closed half-way: ${nameOf(end.reason)}`);
      }
      source.stop();
    },
  },
];

function nameOf(reason: unknown): string {
  const { name, message } = reason as Error;
  return message.startsWith('request: ') ? 'of the server' : name;
}
