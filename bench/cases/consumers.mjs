// How many consumers of 500 kbit/s one core receives and answers while nobody reads them. Another process sends.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { moveAside } from '../measure/cores.mjs';
import { runChild } from '../measure/child.mjs';
import { withRoom } from '../measure/room.mjs';
import { percentOfCore } from '../measure/usage.mjs';
import { clip } from '../peers/clip.mjs';

const PRODUCERS = 10;
/** More, and they are too many: some is always lost in a socket when the machine is held up. */
const LOST = 0.001;
const SETTLE_MS = 1500;
/** So much of a core, and there is no room for the next step. */
const FULL_PERCENT = 90;
const script = (name) => fileURLToPath(new URL(`../clients/${name}.mjs`, import.meta.url));

const stagesOf = (quick) => (quick ? [10, 20] : [100, 300, 500, 700]);
const secondsOf = (quick) => (quick ? 1 : 3);

export const consumers = {
  name: 'consumers',
  about: 'consumers of H264 of 500 kbit/s, 25 on a transport: received, answered, not read',
  clients: ['ours'],
  seconds({ quick }) {
    const stages = stagesOf(quick);
    return stages.length * (secondsOf(quick) + 3) + stages.at(-1) / 150 + 2;
  },
  rows: [
    {
      key: 'aCore',
      what: 'consumers a core: those received, by the share of a core that they took',
      digits: 0,
      reach: { atLeast: 700 },
    },
    { key: 'consumers', what: 'consumers at that time', digits: 0 },
    { key: 'percent', what: 'processor time that they took, of a core', unit: '%' },
    { key: 'serverPercent', what: "the server's, of the other core", unit: '%', digits: 0 },
    { key: 'lostPercent', what: 'what was lost on the way', unit: '%', digits: 3 },
    { key: 'kbits', what: 'what each of them received', unit: 'kbit/s', digits: 0 },
  ],
  measure: ({ quick }) =>
    withRoom({ mediaCodecs: mediaCodecsOf('H264', 'opus') }, async (room) => {
      let result;
      const onRequest = (method, data) => room.server.request(method, data);
      const options = { limitMs: 120_000, pinned: true, onRequest };
      await runChild(
        script('bots'),
        { client: 'ours', file: clip, stages: [{ bots: PRODUCERS }] },
        {
          ...options,
          execArgv: ['--expose-gc'],
          async onNote(_, sender) {
            moveAside(sender);
            result = await measureViewers(room, quick, options);
          },
        },
      );
      return result;
    }),
};

async function measureViewers(room, quick, options) {
  let best = {};
  let now;
  await runChild(
    script('viewers'),
    { client: 'ours', stages: stagesOf(quick) },
    {
      ...options,
      async onNote({ consumers: count, settle, kbits, lost }, pid) {
        if (settle) return sleep(SETTLE_MS).then(() => ({}));
        if (kbits === undefined) {
          now = { consumers: count };
          const began = performance.now();
          now.serverPercent = await percentOfCore([room.worker.pid], async () => {
            now.percent = await percentOfCore([pid], () => sleep(1000 * secondsOf(quick)));
          });
          const span = (performance.now() - began) / 1000;
          return { span, enough: Math.max(now.percent, now.serverPercent) > FULL_PERCENT };
        }
        if (lost <= LOST) {
          best = { ...now, kbits, lostPercent: 100 * lost, aCore: (100 * count) / now.percent };
        }
        return {};
      },
    },
  );
  return best;
}
