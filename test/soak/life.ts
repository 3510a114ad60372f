// One round of a soak: bots that do what chance says, and a server that may die.
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../e2e/session.js';
import { Bot } from './bot.js';
import type { Action } from './action.js';
import { Chance } from './chance.js';
import { connecting } from './connecting.js';
import { inTime } from './in-time.js';
import { reading } from './reading.js';
import { receiving } from './receiving.js';
import { recording } from './recording.js';
import { sending } from './sending.js';
import type { World } from './world.js';

const actions: Action[] = [...connecting, ...sending, ...receiving, ...reading, ...recording];

/** Nothing that a bot does takes as long, not even with a network that stalls meanwhile. */
const STEP_LIMIT_MS = 90_000;

export type Round = { seed: number; number: number; bots: number; ms: number };

/** Ends with all bots gone. */
export async function live(world: World, { seed, number, bots, ms }: Round): Promise<void> {
  const chance = new Chance(seed, number);
  if (!world.server.alive || chance.happens(0.2)) await world.server.open(seed + number);
  const over = new AbortController();
  const end = performance.now() + ms;
  world.bots.splice(
    0,
    Infinity,
    ...Array.from({ length: bots }, (_, i) => new Bot(world, `bot ${i}`)),
  );
  const lives = world.bots.map(async (bot, index) => {
    for (let step = 0; performance.now() < end && !over.signal.aborted; step++) {
      await takeStep(bot, new Chance(seed, number, index, step));
    }
  });
  const weather = disturb(world, new Chance(seed, number, bots), ms, over.signal);
  try {
    await Promise.all([...lives, weather]);
  } catch (error) {
    over.abort();
    throw error;
  }
  const last = new Chance(seed, number, bots + 1);
  for (const bot of world.bots) {
    if (bot.joined) await bot.leave(last.of(['worker', 'transports']));
  }
  const [fault] = world.faults;
  if (fault) throw fault;
}

async function takeStep(bot: Bot, chance: Chance): Promise<void> {
  const { world } = bot;
  const { server } = world;
  const action = chance.byWeight(actions.filter((each) => each.can(bot)));
  const { deaths, alive } = server;
  const { closedByServer } = bot;
  world.act(bot.name, action.name);
  try {
    await inTime(action.name, Promise.resolve(action.run(bot, chance)), STEP_LIMIT_MS);
    await bot.checkOnceTold();
    await bot.checkCounts();
  } catch (error) {
    const { name, message } = error as Error;
    const isOfEnd = /closed|AwaitQueueStopped|not found|no object with id/.test(name + message);
    if (
      (isOfEnd && bot.closedByServer > closedByServer) ||
      message.includes('the other side closed the connection')
    ) {
      // Its worker does when another connection was closed within its handshake: that is left in OpenSSL's queue of errors ("shutdown
      // while in init"), and taken for one of the next connection of which a packet comes twice.
      world.met('the server closed a connection');
      await bot.leave('transports');
      return;
    }
    if (server.deaths === deaths && alive) throw fault(bot, action, error);
    if (!/^request: |^prefer: /.test(message)) throw fault(bot, action, error);
    world.met('the server is dead');
  }
  if (!server.alive && bot.joined) await outlive(bot, chance);
  await pause(chance.between(20, 400));
}

const fault = ({ name }: Bot, action: Action, cause: unknown) =>
  new Error(`${name}, ${action.name}: ${String(cause)}`, { cause });

/** Of a server that died, the transports tell; a bot leaves, and waits for another. */
async function outlive(bot: Bot, chance: Chance): Promise<void> {
  for (const transport of bot.transports) {
    if (transport.connectionState === 'new') continue;
    await until('a transport tells that its server is gone', () =>
      /disconnected|failed/.test(transport.connectionState),
    );
  }
  await bot.leave(chance.of(['worker', 'transports']));
  bot.world.act(bot.name, 'outlive the server');
}

/** What the network does, and the server. */
async function disturb(world: World, chance: Chance, ms: number, over: AbortSignal): Promise<void> {
  const { server } = world;
  const wait = async (length: number) => {
    await pause(length, undefined, { signal: over }).catch(() => undefined);
  };
  const end = performance.now() + ms;
  const killAt = chance.happens(0.35)
    ? performance.now() + ms * chance.between(0.3, 0.8)
    : Infinity;
  while (performance.now() < end && !over.aborted) {
    await wait(Math.min(chance.between(2000, 8000), end - performance.now()));
    if (performance.now() > killAt && server.alive) {
      world.act('the world', 'kill the server');
      await server.kill();
      const haveLeft = () => world.bots.every(({ joined }) => !joined);
      await until('all bots to leave', () => haveLeft() || performance.now() > end || over.aborted);
      await server.open(chance.whole(1, 1e6));
    }
    const [name, up, down, length] = chance.of(weathers);
    world.act('the world', name);
    await server.setConditions(up, down);
    await wait(Math.min(length, end - performance.now()));
    await server.setConditions({}, {});
  }
}

const weathers = [
  ['lose 5%', { loss: 0.05 }, { loss: 0.05 }, 5000],
  ['lose 30% on the way up', { loss: 0.3 }, {}, 3000],
  ['stall', { loss: 1 }, { loss: 1 }, 4000],
  ['stall on the way down', {}, { loss: 1 }, 2000],
  ['delay and reorder', { delayMs: 60, reorder: 0.1 }, { delayMs: 60, reorder: 0.1 }, 4000],
  ['repeat', { duplicate: 0.2 }, { duplicate: 0.2 }, 3000],
  ['carry little', { bitrate: 300_000 }, { bitrate: 300_000 }, 4000],
] as const;
