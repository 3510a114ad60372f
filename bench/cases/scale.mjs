// What the n-th produce() and consume() cost, and what is left of consumers that were closed.
import { fileURLToPath } from 'node:url';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { runChild } from '../measure/child.mjs';
import { withRoom } from '../measure/room.mjs';
import { median } from '../measure/statistics.mjs';

/** The n-th is the median of so many before and after it. */
const AROUND = 10;
const PLACES = [1, 50, 200, 500];
const LIVE = 50;
const STEP = 500;
const script = fileURLToPath(new URL('../clients/scale.mjs', import.meta.url));

const nth = (times, n) => median(times.slice(Math.max(n - AROUND, 0), n + AROUND));

const placesOf = (call) =>
  PLACES.map((n) => ({
    key: `${call}${n}`,
    what: `${call}(), the ${n === 1 ? '1st' : `${n}th`}, without the server's part`,
    unit: 'ms',
    digits: 2,
  }));

const lastOfFirst = (call) => ({
  key: `${call}Ratio`,
  what: `${call}(), the ${PLACES.at(-1)}th of the first`,
  unit: '×',
  digits: 2,
  reach: { atMost: 1.5 },
});

export const scale = {
  name: 'scale',
  about: `the n-th produce() and consume(), and consumers that come and go, ${LIVE} others live`,
  clients: ['ours'],
  seconds: ({ quick }) => (quick ? 8 : 25),
  rows: [
    ...placesOf('produce'),
    lastOfFirst('produce'),
    ...placesOf('consume'),
    lastOfFirst('consume'),
    { key: 'cycleMs', what: 'consume() and close, with the server, the first 500', unit: 'ms' },
    {
      key: 'cycleRatio',
      what: 'the last 500 of 5,000, of those first',
      unit: '×',
      digits: 2,
      reach: { atMost: 1.25 },
    },
    {
      key: 'cycleGrowth',
      what: 'resident memory that the other 4,500 add',
      unit: 'MB',
      reach: { atMost: 5 },
    },
  ],
  measure: ({ quick }) =>
    withRoom({}, async (room) => {
      const { produced, consumed, rounds } = await runChild(
        script,
        {
          client: 'ours',
          file: fixturePath('red-440hz.mp4'),
          streams: quick ? 50 : PLACES.at(-1),
          live: LIVE,
          cycles: quick ? 2 * STEP : 10 * STEP,
          step: STEP,
        },
        {
          limitMs: 180_000,
          execArgv: ['--expose-gc'],
          onRequest: (method, data) => room.server.request(method, data),
        },
      );
      const [first] = rounds;
      const last = rounds.at(-1);
      const result = {
        cycleMs: first.ms,
        cycleRatio: last.ms / first.ms,
        cycleGrowth: last.megabytes - first.megabytes,
      };
      for (const [call, times] of Object.entries({ produce: produced, consume: consumed })) {
        const reached = PLACES.filter((n) => n <= times.length);
        for (const n of reached) result[call + n] = nth(times, n);
        result[`${call}Ratio`] = nth(times, reached.at(-1)) / nth(times, 1);
      }
      return result;
    }),
};
