// That media arrives where the model says so.
import { setTimeout as pause } from 'node:timers/promises';
import { inbound } from '../e2e/session.js';
import { unlessClosed } from './action.js';
import type { Bot, Received, Sent } from './bot.js';
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
  const { of, consumer } = one;
  const { server } = bot.world;
  const { deaths } = server;
  const { received: before } = await inbound(consumer);
  const sentBefore = await packetsSent(of);
  let deadline = performance.now() + LIMIT_MS;
  // A server that died may be followed by another one before the bot has seen it.
  while (flows(bot, one) && server.deaths === deaths) {
    if (server.disturbed) deadline = performance.now() + LIMIT_MS;
    const { received } = await inbound(consumer);
    if (received > before) return;
    if (performance.now() > deadline) {
      const states = [bot.receiving, of.owner.sending].map((each) => each?.connectionState);
      throw new Error(
        `${bot.name} receives nothing of ${of.source.name} of ${of.owner.name} within ${LIMIT_MS} ms, after ${before} packets; ` +
          `its owner sent ${(await packetsSent(of)) - sentBefore} meanwhile; ${states.join(' and ')}`,
        { cause: await told(of) },
      );
    }
    await pause(100);
  }
}

/** What there is to tell of what does not come. */
async function told({ owner, producer }: Sent): Promise<string> {
  const { track, paused } = producer;
  const { readyState, enabled, muted } = track ?? {};
  const stats = [...((await producer.getStats()) as Map<string, unknown>).values()];
  const others = [...owner.sent].map(({ source, closed }) => [source.name, closed]);
  const dump = await owner.worker?.dump();
  return JSON.stringify({ readyState, enabled, muted, paused, others, stats, dump });
}

async function packetsSent({ producer, closed }: Sent): Promise<number> {
  if (closed) return 0;
  const report = (await producer.getStats()) as Map<string, Record<string, unknown>>;
  return [...report.values()]
    .filter(({ type }) => type === 'outbound-rtp')
    .reduce((sum, { packetsSent: count }) => sum + Number(count), 0);
}
