// That media arrives where the model says so.
import { setTimeout as pause } from 'node:timers/promises';
import { inbound } from '../e2e/session.js';
import { unlessClosed } from './action.js';
import type { Bot, Received } from './bot.js';
import { LIMIT_MS } from './in-time.js';

/** Whether what is sent reaches who receives it. */
function flows(bot: Bot, { paused, closed, of }: Received): boolean {
  const isSent = !of.closed && !(of.paused && !of.source.sendsDisabled);
  return bot.world.server.alive && !closed && !paused && isSent;
}

/** Waits for more packets, for as long as some can come. While the network is disturbed, that may take longer. */
export async function arrives(bot: Bot, one: Received): Promise<void> {
  await unlessClosed(bot, one, () => waitForMore(bot, one));
}

async function waitForMore(bot: Bot, one: Received): Promise<void> {
  const { received: before } = await inbound(one.consumer);
  let deadline = performance.now() + LIMIT_MS;
  while (flows(bot, one)) {
    if (bot.world.server.disturbed) deadline = performance.now() + LIMIT_MS;
    const { received } = await inbound(one.consumer);
    if (received > before) return;
    if (performance.now() > deadline) {
      const { of, consumer } = one;
      throw new Error(
        `${bot.name} receives nothing of ${of.source.name} from ${of.owner.name} within ${LIMIT_MS} ms: ` +
          `${consumer.kind}, ${before} packets, ${bot.receiving?.connectionState} ${of.owner.sending?.connectionState}`,
      );
    }
    await pause(100);
  }
}
