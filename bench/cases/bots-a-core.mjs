// How many bots one core carries while what they send comes in time: more and more, until something comes late.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { runChild } from '../measure/child.mjs';
import { Lateness } from '../measure/lateness.mjs';
import { withRoom } from '../measure/room.mjs';
import { percentOfCore } from '../measure/usage.mjs';
import { clip } from '../peers/clip.mjs';

const LATE_MS = 20;
/** A frame that is late once may be the machine's fault. */
const TRIES = 2;
/** One number of bots too many may be, too. */
const ENOUGH = 2;
const SETTLE_MS = 1000;
const script = fileURLToPath(new URL('../clients/bots.mjs', import.meta.url));

const stagesOf = (quick) => (quick ? [10, 20] : [100, 200, 300, 400, 500, 600]);
const secondsOf = (quick) => (quick ? 1 : 3);

export const botsACore = {
  name: 'bots-a-core',
  about: 'the most of those bots that one core carries in time; lateness as the server sees it',
  clients: ['ours'],
  seconds({ quick }) {
    const stages = stagesOf(quick);
    return stages.length * (secondsOf(quick) + 2) + stages.at(-1) / 40;
  },
  rows: [
    {
      key: 'bots',
      what: `bots a core, no frame later than ${LATE_MS} ms`,
      digits: 0,
      reach: { atLeast: 500 },
    },
    { key: 'latestMs', what: 'the latest frame with so many', unit: 'ms', digits: 0 },
    { key: 'percent', what: 'processor time with so many, of a core', unit: '%', digits: 0 },
    { key: 'serverPercent', what: "the server's, of the other core", unit: '%', digits: 0 },
  ],
  measure: ({ quick }) =>
    withRoom({ mediaCodecs: mediaCodecsOf('H264', 'opus') }, async (room) => {
      let reached = { bots: 0 };
      let tooMany = 0;
      const lateness = new Lateness();
      await runChild(
        script,
        { client: 'ours', file: clip, stages: stagesOf(quick).map((count) => ({ bots: count })) },
        {
          limitMs: 180_000,
          pinned: true,
          execArgv: ['--expose-gc'],
          onRequest: (method, data) => room.server.request(method, data),
          async onNote({ bots }, pid) {
            await sleep(SETTLE_MS);
            for (let tries = 0; tries < TRIES; tries++) {
              const seen = await look(room, lateness, pid, secondsOf(quick));
              if (seen.latestMs <= LATE_MS) {
                reached = { bots, ...seen };
                tooMany = 0;
                return {};
              }
            }
            tooMany++;
            return { enough: tooMany >= ENOUGH };
          },
        },
      );
      return reached;
    }),
};

async function look(room, lateness, pid, seconds) {
  const result = {};
  const producers = [...room.server.producers.values()];
  result.percent = await percentOfCore([pid], async () => {
    result.serverPercent = await percentOfCore([room.worker.pid], async () => {
      const late = await lateness.watch(producers, 1000 * seconds);
      result.latestMs = late.reduce((most, each) => Math.max(most, each), 0);
    });
  });
  return result;
}
