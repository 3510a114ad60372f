// What a bot costs that passes a clip through, in company of 1 to 400: processor time, memory, and the event loop.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { runChild } from '../measure/child.mjs';
import { runLimit } from '../clients/limit.mjs';
import { withRoom } from '../measure/room.mjs';
import { percentOfCore, residentMegabytes } from '../measure/usage.mjs';
import { clip } from '../peers/clip.mjs';

const STAGES = [1, 10, 20, 50, 100, 200, 300, 400];
const QUICK_STAGES = [1, 10, 20];
/** With so many the event loop is looked at. */
const LOOP_AT = 300;
const SETTLE_MS = 1000;
/** A part of a bot is what it costs to have one at all. */
const TARGETS = { 1: 3, 20: 2, 200: 1.7 };
/** How far from a straight line the cost of a further bot may be. */
const STRAIGHT = 1.25;
/** So much of a core, and it says nothing any more of what a bot needs. */
const FULL_PERCENT = 90;
const script = fileURLToPath(new URL('../clients/bots.mjs', import.meta.url));

const stagesOf = (quick) => (quick ? QUICK_STAGES : STAGES);
const secondsOf = (quick) => (quick ? 1 : 3);

export const bots = {
  name: 'bots',
  about: 'bots that pass H264 of 500 kbit/s and Opus of 64 kbit/s through, all in one process',
  clients: ['ours', 'limit'],
  seconds({ client, quick }) {
    const stages = stagesOf(quick);
    const each = secondsOf(quick) + (client === 'ours' ? 1.2 : 1);
    return stages.length * each + (client === 'ours' ? stages.at(-1) / 40 : 0);
  },
  rows: [
    ...STAGES.map((count) => ({
      key: `cpu${count}`,
      what: `processor time of ${count === 1 ? 'one bot' : `${count} bots`}, of a core`,
      unit: '%',
      ...(TARGETS[count]
        ? { reach: { atMost: TARGETS[count], of: 'limit' } }
        : { inChart: count < STAGES.at(-1) }),
    })),
    ...STAGES.map((count) => ({
      key: `mb${count}`,
      what: `resident memory with ${count === 1 ? 'one bot' : `${count} bots`}`,
      unit: 'MB',
      digits: 0,
      inChart: count < STAGES.at(-1),
    })),
    {
      key: 'mbEach',
      what: 'memory of each further bot',
      unit: 'MB',
      digits: 2,
      reach: { atMost: 1 },
    },
    {
      key: 'cpuBend',
      what: 'processor time of a bot beyond the 100th, of that of one before',
      unit: '×',
      digits: 2,
      reach: { atMost: STRAIGHT },
    },
    {
      key: 'mbBend',
      what: 'the same for memory',
      unit: '×',
      digits: 2,
      reach: { atMost: STRAIGHT },
    },
    {
      key: 'loopDelayMs',
      what: `delay of the event loop with ${LOOP_AT} bots, p99`,
      unit: 'ms',
      reach: { atMost: 5 },
    },
  ],
  measure: ({ client, quick }) => (client === 'ours' ? measureOurs(quick) : measureLimit(quick)),
};

function measureOurs(quick) {
  return withRoom({ mediaCodecs: mediaCodecsOf('H264', 'opus') }, async (room) => {
    const result = {};
    const stages = stagesOf(quick).map((count) => ({
      bots: count,
      loopMs: count === LOOP_AT ? 1000 * secondsOf(quick) : 0,
    }));
    const { loopDelayMs } = await runChild(
      script,
      { client: 'ours', file: clip, stages },
      {
        limitMs: 180_000,
        pinned: true,
        execArgv: ['--expose-gc'],
        onRequest: (method, data) => room.server.request(method, data),
        async onNote({ bots: count }, pid) {
          await sleep(SETTLE_MS);
          result[`cpu${count}`] = await percentOfCore([pid], () => sleep(1000 * secondsOf(quick)));
          result[`mb${count}`] = residentMegabytes(pid);
        },
      },
    );
    return { ...result, loopDelayMs, ...growth(result, stagesOf(quick)) };
  });
}

/** What a further bot costs, and how far that grows with their number. */
function growth(result, stages) {
  const each = (what, from, to) => (result[what + to] - result[what + from]) / (to - from);
  const most = stages.at(-1);
  const roomy = stages.findLast((count) => result[`cpu${count}`] < FULL_PERCENT);
  const bend = (what, to) => (to > 100 ? each(what, 100, to) / each(what, 10, 100) : undefined);
  return { mbEach: each('mb', 10, most), cpuBend: bend('cpu', roomy), mbBend: bend('mb', most) };
}

async function measureLimit(quick) {
  const result = {};
  for (const count of stagesOf(quick)) {
    const { cpuPerBot } = await runLimit({ bots: count, seconds: secondsOf(quick) });
    result[`cpu${count}`] = 100 * cpuPerBot * count;
  }
  return result;
}
