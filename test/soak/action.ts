import { until } from '../e2e/session.js';
import type { Bot } from './bot.js';
import type { Chance } from './chance.js';

/** Something that a bot does. What it changes, it changes in the model too. */
export type Action = {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  can(bot: Bot): boolean;
  run(bot: Bot, chance: Chance): Promise<void> | void;
};

/** Those of a set that are not closed. */
export function open<T extends { closed: boolean }>(all: Iterable<T>): T[] {
  return [...all].filter(({ closed }) => !closed);
}

/** What was chosen may be closed by now, here or at the server, and so may the connection. */
export async function unlessClosed(
  bot: Bot,
  chosen: { closed: boolean },
  ask: () => Promise<unknown>,
): Promise<void> {
  const { closedByServer } = bot;
  const isClosed = () => chosen.closed || bot.closedByServer > closedByServer;
  try {
    await ask();
  } catch (error) {
    if (!/not found|no object with id|closed/.test((error as Error).message)) throw error;
    // A server tells of the end after it has refused what came after it.
    await until('the server tells of the end', () => isClosed() || !bot.world.server.alive);
    if (!isClosed()) throw error;
    bot.world.met('what was chosen is closed');
  }
}
