// The demo itself: everything in this process but the media server's worker.
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRoom } from '../../test/e2e/support/room.mjs';
import { countKeyframes, firstPacket } from '../../test/e2e/support/first-packet.mjs';
import { Bot, Receiver } from './bots.mjs';
import { openPage } from './page.mjs';
import { packetsReceived } from './measure.mjs';
import { Screen } from '../../lib/cli/Screen.mjs';
import { dataTable, mediaTable, number } from './table.mjs';

const START_LIMIT_MS = 20_000;
const START_LIMIT_MS_PER_BOT = 500;
const ARRIVAL_LIMIT_MS = 10_000;

const TRACED = ['producer', 'consumer'];
const SIGNALS = ['SIGINT', 'SIGTERM'];

const cure = 'run it again with DEBUG="mediasoup*" and look for the transport that fails';

/**
 * @param {object} options as readOptions() gives them, with a file
 * @param {{ createFactory: () => object }} library the package
 */
export async function runDemo(options, { createFactory }) {
  const screen = new Screen();
  const room = await createRoom({ ip: options.host });
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const died = once(room.worker, 'died', { signal: interrupted.signal }).then(
      () => {
        throw new Error('the media server died');
      },
      () => new Promise(() => {}),
    );
    await Promise.race([play(room, screen, options, createFactory, interrupted.signal), died]);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    interrupted.abort();
    screen.end();
    await room.close();
  }
}

async function play(room, screen, options, createFactory, signal) {
  const bots = [];
  let page;
  try {
    const running = await within(
      START_LIMIT_MS + options.count * START_LIMIT_MS_PER_BOT,
      start(room, bots, options, createFactory, signal),
    );
    screen.print(...bots[0].notes.map((note) => `  ${note}`));
    if (options.page) {
      page = await openPage(room, options, { ...running, bot: bots[0] });
      screen.print('', `  ${screen.bold(page.url)}  opens the room in a browser`);
    }
    const rows = await showTables(screen, options, { bots, ...running, signal });
    if (rows) summarize(screen, rows, running.startUp);
  } finally {
    for (const bot of bots) bot.dataSender?.stop();
    await page?.close();
  }
}

/** Fills `bots`, and lets the receiver have what they send. */
async function start(room, bots, options, createFactory, signal) {
  const watches = new Map();
  const follow = (object) => watches.set(object.id, watch(object));
  for (const event of TRACED) room.server.on(event, follow);
  const started = performance.now();
  const handlerFactory = createFactory();
  const receiving = Receiver.start(room, watches, { handlerFactory });
  receiving.catch(() => {});
  let startUp;
  while (bots.length < options.count && !signal.aborted) {
    const label = labelOf(bots.length, options);
    const { file, codec } = options;
    const bot = await Bot.start(room, watches, { handlerFactory, file, codec, label });
    bots.push(bot);
    const receiver = await receiving;
    startUp ??= watchStartUp(started, bot, receiver, watches, signal);
    await receiver.receive(bot, label);
  }
  // What pages bring later is theirs.
  for (const event of TRACED) room.server.off(event, follow);
  return { handlerFactory, receiver: await receiving, started, startUp };
}

async function within(limitMs, work) {
  const over = new AbortController();
  const late = sleep(limitMs, undefined, { signal: over.signal }).then(() => {
    throw Object.assign(new Error(`Sending did not begin within ${limitMs / 1000} s.`), { cure });
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

/** What the server sees of a producer or consumer, from its first packet on. */
function watch(object) {
  const first = firstPacket(object);
  // It never comes where the run ends before: who waits for it hears so.
  first.catch(() => {});
  return { firstPacket: first, keyframes: countKeyframes(object) };
}

function labelOf(index, { count }) {
  return count > 1 ? ` ${index + 1}` : '';
}

/** Fills in when the first video (or, without one, sound) packet was counted by the server and by the receiver. */
function watchStartUp(started, bot, receiver, watches, signal) {
  const producer = bot.firstVideo ?? bot.producers[0];
  const startUp = { kind: producer.kind };
  watches.get(producer.id).firstPacket.then(
    (at) => (startUp.serverMs = at - started),
    () => {},
  );
  const look = async () => {
    for (;;) {
      const consumer = receiver.consumerOf(producer);
      if (consumer && (await packetsReceived(consumer)) > 0) break;
      await sleep(5, undefined, { signal });
    }
    startUp.receiverMs = performance.now() - started;
    // performance.now() counts from the start of this process: of the command.
    startUp.commandMs = performance.now();
  };
  look().catch((error) => {
    if (!signal.aborted) startUp.error = error;
  });
  return startUp;
}

/** Resolves to the last rows that were shown. */
async function showTables(screen, options, { bots, receiver, started, signal, startUp }) {
  const end = performance.now() + options.seconds * 1000;
  const giveUp = performance.now() + ARRIVAL_LIMIT_MS;
  let rows;
  for (;;) {
    const left = end - performance.now();
    try {
      rows = { media: await readMedia(bots, receiver), data: readData(bots, receiver, options) };
    } catch (error) {
      // The media server hears the same signal, and closes everything at once.
      if (signal.aborted) return rows;
      throw error;
    }
    const { media, data } = rows;
    const elapsed = Math.round((performance.now() - started) / 1000);
    screen.show(
      () => block(screen, options, { media, data, elapsed, startUp }),
      () => plainLine(media, data, elapsed),
    );
    if (left <= 0 || signal.aborted) return rows;
    if (startUp.error) throw startUp.error;
    if (performance.now() > giveUp && startUp.receiverMs === undefined) {
      throw Object.assign(
        new Error(`Nothing arrived within ${ARRIVAL_LIMIT_MS / 1000} s of sending.`),
        { cure },
      );
    }
    await sleep(Math.min(1000, Math.max(left, 1)), undefined, { signal }).catch(() => {});
  }
}

/** Bot by bot, so that what fits on the screen is whole bots. */
async function readMedia(bots, receiver) {
  const gauges = bots.flatMap((bot, index) => [
    ...bot.gauges,
    ...(receiver.received[index]?.gauges ?? []),
  ]);
  return await Promise.all(gauges.map((gauge) => gauge.read()));
}

function readData(bots, receiver, options) {
  return bots.flatMap((bot, index) => {
    const name = `data${labelOf(index, options)}`;
    const data = receiver.received[index]?.data;
    return [bot.dataSender.read(name), ...(data ? [data.read(name)] : [])];
  });
}

function block(screen, options, { media, data, elapsed, startUp }) {
  const file = path.basename(options.file).slice(0, 24);
  const first =
    startUp.receiverMs === undefined ? '' : `, first packet back after ${ms(startUp.receiverMs)}`;
  // What does not fit is counted: a block that scrolls can't be redrawn.
  const room = screen.height - 7;
  const mediaRows = Math.max(room - Math.min(data.length, room >> 1), 2);
  return [
    '',
    screen.bold(`  ${file}  ${elapsed}${howLong(options)}${first}`),
    '',
    ...mediaTable(media, screen, mediaRows),
    '',
    ...dataTable(data, screen, Math.max(room - Math.min(media.length, mediaRows), 2)),
  ];
}

function howLong({ seconds }) {
  return seconds === Infinity ? ' s (Ctrl+C ends)' : ` of ${seconds} s`;
}

function plainLine(media, data, elapsed) {
  const part = (way) => {
    const rows = media.filter((row) => row.way === way);
    const sum = (key) => rows.reduce((total, row) => total + (row[key] ?? 0), 0);
    const messages = data.filter((row) => row.way === way);
    const count = messages.reduce((total, row) => total + row.messages, 0);
    return (
      `${way} ${number(sum('packets'))} packets (${number(sum('kbits'))} kbit/s, ` +
      `${number(sum('lost'))} lost), ${number(count)} messages`
    );
  };
  return `${String(elapsed).padStart(4)} s  ${part('sent')}; ${part('received')}`;
}

function summarize(screen, { media, data }, startUp) {
  screen.end();
  const total = (rows, way, key) =>
    rows.filter((row) => row.way === way).reduce((sum, row) => sum + (row[key] ?? 0), 0);
  screen.print(
    '',
    screen.bold('  Start-up'),
    `    createFactory() to the first ${startUp.kind} packet at the server   ${ms(startUp.serverMs)}`,
    `    createFactory() to the first ${startUp.kind} packet received back   ${ms(startUp.receiverMs)}`,
    `    the command to that packet                             ${ms(startUp.commandMs)}`,
    screen.bold('  Passed'),
    `    packets    sent ${number(total(media, 'sent', 'packets'))}, ` +
      `received ${number(total(media, 'received', 'packets'))}, ` +
      `lost ${number(total(media, 'received', 'lost'))}`,
    `    messages   sent ${number(total(data, 'sent', 'messages'))}, ` +
      `received ${number(total(data, 'received', 'messages'))}, ` +
      `lost ${number(total(data, 'received', 'lost'))}`,
    '',
  );
  const silent = [
    ...media.filter((row) => row.way === 'received' && !row.packets),
    ...data.filter((row) => row.way === 'received' && !row.messages),
  ].map(({ name }) => name);
  if (silent.length > 0) {
    throw Object.assign(new Error(`Not received: ${silent.join(', ')}.`), {
      cure,
    });
  }
}

function ms(value) {
  return value === undefined ? '-' : `${number(value)} ms`;
}
