// A thread of bots: it is told which they are, when to begin and when to end, and tells what they see.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createWorker } from 'mediasoup-client-pion';
import type { Worker } from 'mediasoup-client-pion';
import { loadAdapter } from './adapters.js';
import { Bot } from './Bot.js';
import type { State } from './Bot.js';
import { Messages } from './Messages.js';
import { NOTHING, meansOf, noValues, rounded } from './metrics.js';
import type { Means, Totals, Values } from './metrics.js';
import type { Settings } from './options.js';
import { Sources } from './Sources.js';
import type { Role } from './shares.js';

export type ThreadData = { settings: Settings; roles: Role[]; token: string };

/** What a thread has, as of now. Means are of the bots that were looked at last. */
export type Sample = Means & {
  totals: Totals;
  /** A second, since the sample before. */
  rates: Totals;
  states: Record<State, number>;
  consumers: number;
  refused: number;
  /** The event loop's p99 since the last sample, in ms. */
  loop: number;
};

export type Result = { sample: Sample; values: Values };

export type FromThread =
  | { type: 'ready' }
  | { type: 'failed'; message: string }
  | { type: 'sample'; sample: Sample; errors: Record<string, number> }
  | { type: 'result'; result: Result; errors: Record<string, number> };

/** `early`: before its time, so that who is still joining has not failed. */
export type ToThread = { type: 'start' } | { type: 'end'; early: boolean };

/** Bots whose statistics are read in a second: a reading takes up to a millisecond. */
const LOOKS_A_SECOND = 100;
const LEAVE_LIMIT_MS = 5000;
const LOOP_RESOLUTION_MS = 5;
/** What servers and adapters say may be new each time. */
const MAX_REASONS = 100;

const { settings, roles, token } = workerData as ThreadData;
const port = parentPort;
if (!port) throw new Error('it is a thread of the command load');

const values = noValues();
const errors = new Map<string, number>();
const messages = new Messages(token, { size: settings.messageSize, rate: settings.messageRate });
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
let bots: Bot[] = [];
const course: { ended?: Promise<void> } = {};

function tell(what: string): void {
  // Ids differ from bot to bot, what went wrong does not.
  const reason = what.replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b/g, '…').slice(0, 300);
  const key = errors.has(reason) || errors.size < MAX_REASONS ? reason : 'others';
  errors.set(key, (errors.get(key) ?? 0) + 1);
}

// An adapter's, which would end all bots of the thread.
process.on('unhandledRejection', (error) => {
  tell(`unhandled: ${error instanceof Error ? error.message : String(error)}`);
});

function say(message: FromThread): void {
  port?.postMessage(message);
}

let lastLooks: Bot[] = [];
let turn = 0;

async function look(): Promise<void> {
  const joined = bots.filter(({ state }) => state === 'joined');
  const count = Math.min(LOOKS_A_SECOND, joined.length);
  lastLooks = Array.from({ length: count }, (_, at) => joined[(turn + at) % joined.length]).filter(
    (bot) => bot !== undefined,
  );
  turn = joined.length > 0 ? (turn + count) % joined.length : 0;
  for (const bot of lastLooks) await read(bot);
}

async function read(bot: Bot): Promise<void> {
  try {
    await bot.traffic.read();
  } catch (error) {
    tell(`statistics: ${(error as Error).message}`);
  }
}

async function sampleOf(worker: Worker): Promise<Sample> {
  const { network } = (await worker.getMetrics()).worker;
  const states = { waiting: 0, joining: 0, joined: 0, failed: 0, lost: 0, left: 0 };
  let [consumers, refused] = [0, 0];
  for (const bot of bots) {
    states[bot.state]++;
    refused += bot.refusals;
    consumers += bot.consumers;
  }
  const delay = Math.max(loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS, 0);
  loop.reset();
  if (!Number.isFinite(delay)) throw new Error('the event loop was not measured');
  values.loop.push(rounded(delay));
  const totals = {
    bytesSent: network.bytesSent,
    bytesReceived: network.bytesReceived,
    packetsSent: network.packetsSent,
    packetsReceived: network.packetsReceived,
    packetsDropped: network.packetsDropped,
    messagesSent: messages.sent,
    messagesReceived: messages.received,
    messagesLost: messages.lost,
  };
  return {
    ...{ states, totals, rates: ratesOf(totals) },
    ...{ consumers, refused, loop: rounded(delay) },
    ...meansOf(lastLooks.map(({ traffic }) => ({ loss: traffic.loss, rtt: traffic.roundTrip }))),
  };
}

let before = { at: 0, totals: NOTHING };

function ratesOf(totals: Totals): Totals {
  const since = before;
  before = { at: performance.now(), totals };
  const seconds = Math.max(before.at - since.at, 1) / 1000;
  const names = Object.keys(totals) as (keyof Totals)[];
  return Object.fromEntries(
    names.map((name) => [name, (totals[name] - since.totals[name]) / seconds]),
  ) as Totals;
}

function valuesOf(): Values {
  const add = (name: keyof Values, value: number | undefined) => {
    if (value !== undefined) values[name].push(rounded(value));
  };
  for (const { joinMs, pictureMs, traffic, role } of bots) {
    add('join', joinMs);
    add('picture', pictureMs);
    add('loss', traffic.loss);
    add('sentloss', traffic.sentLoss);
    add('rtt', traffic.roundTrip);
    add('freezes', traffic.freezes);
    if (role.consumes) add('received', traffic.rates?.received);
    if (role.produces) add('sent', traffic.rates?.sent);
  }
  for (const delay of messages.delays) add('delay', delay);
  return values;
}

async function run(): Promise<void> {
  const adapter = await loadAdapter(settings.adapter);
  const worker = await createWorker({ logLevel: 'none' });
  // Nobody opens a file that nobody sends.
  const wanted = { ...settings };
  if (!roles.some(({ produces }) => produces)) wanted.audio = wanted.video = false;
  const sources = await Sources.open(worker, wanted).catch((error: unknown) => {
    worker.close();
    throw error;
  });
  bots = roles.map((role) => new Bot(role, { settings, worker, adapter, sources, messages, tell }));
  let timers: NodeJS.Timeout[] = [];
  const joins = new Set<Promise<void>>();

  const begin = () => {
    loop.enable();
    before.at = performance.now();
    timers = bots.map((bot) =>
      setTimeout(() => {
        const join = bot.start();
        joins.add(join);
        void join.finally(() => joins.delete(join));
      }, bot.role.at),
    );
    void seconds();
  };
  const isOver = () => course.ended !== undefined || worker.closed;
  const seconds = async () => {
    for (let next = performance.now() + 1000; !isOver(); next += 1000) {
      await sleep(Math.max(next - performance.now(), 50));
      if (!isOver()) await look();
      if (isOver()) return;
      say({ type: 'sample', sample: await sampleOf(worker), errors: Object.fromEntries(errors) });
    }
  };
  const end = async (early: boolean) => {
    for (const timer of timers) clearTimeout(timer);
    if (!early) for (const bot of bots) bot.isLate();
    for (const bot of bots) if (bot.state === 'joined') await read(bot);
    lastLooks = bots.filter(({ state }) => state === 'joined');
    const result = worker.closed
      ? undefined
      : { sample: await sampleOf(worker), values: valuesOf() };
    const leaving = Promise.all(bots.map((bot) => bot.leave()));
    await Promise.race([
      Promise.all([leaving, ...joins]),
      sleep(LEAVE_LIMIT_MS, undefined, { ref: false }),
    ]);
    sources.close();
    if (!worker.subprocessClosed) {
      const closed = new Promise((resolve) =>
        worker.once('subprocessclose', () => {
          resolve(undefined);
        }),
      );
      worker.close();
      await closed;
    }
    loop.disable();
    if (result) say({ type: 'result', result, errors: Object.fromEntries(errors) });
    else say({ type: 'failed', message: 'the core died' });
    port?.close();
  };
  worker.on('died', (error) => {
    tell(`the core died: ${error.message}`);
    course.ended ??= end(true);
  });
  port?.on('message', (message: ToThread) => {
    if (message.type === 'start') begin();
    else course.ended ??= end(message.early);
  });
  say({ type: 'ready' });
}

run().catch((error: unknown) => {
  say({ type: 'failed', message: (error as Error).message });
  port.close();
});
