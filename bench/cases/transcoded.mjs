// What it costs to send one file as VP8 and Opus. The Python process of mediasoup-client-aiortc is counted in.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { runChild } from '../measure/child.mjs';
import { bytesByKind, withRoom } from '../measure/room.mjs';
import { childrenOf, percentOfCore, residentMegabytes } from '../measure/usage.mjs';
import { environmentOf } from '../peers/setup.mjs';

const WARM_UP_MS = 2000;
const script = fileURLToPath(new URL('../clients/sending.mjs', import.meta.url));

const secondsOf = (quick) => (quick ? 2 : 6);

export const transcoded = {
  name: 'transcoded',
  about: 'one bot that encodes a file of 560x320, 30 pictures a second, as VP8 and Opus',
  clients: ['ours', 'aiortc'],
  seconds: ({ quick }) => secondsOf(quick) + 4,
  rows: [
    {
      key: 'megabytes',
      what: 'resident memory that the first transport that sends adds',
      unit: 'MB',
      digits: 0,
      reach: { atMost: 35 },
    },
    {
      key: 'percent',
      what: 'one transcoded pair, of a core',
      unit: '%',
      reach: { atMost: 0.5, of: 'aiortc' },
    },
    {
      key: 'kbits',
      what: 'what it sends as video, each by its own rule',
      unit: 'kbit/s',
      digits: 0,
    },
  ],
  measure: ({ client, quick }) =>
    withRoom({}, async (room) => {
      const result = {};
      let baseline;
      await runChild(
        script,
        { client, file: fixturePath('bars-440hz.mp4') },
        {
          limitMs: 60_000,
          env: environmentOf(client),
          execArgv: ['--expose-gc'],
          pinned: true,
          onRequest: (method, data) => room.server.request(method, data),
          async onNote(note, pid) {
            if (note === 'ready') {
              baseline = residentMegabytes(pid);
            } else if (note === 'sending') {
              await sleep(WARM_UP_MS);
              const seconds = secondsOf(quick);
              const before = await bytesByKind(room);
              result.percent = await percentOfCore([pid, ...childrenOf(pid)], () =>
                sleep(1000 * seconds),
              );
              const after = await bytesByKind(room);
              result.kbits = (8 * (after.video - before.video)) / seconds / 1000;
            } else {
              const all = [pid, ...childrenOf(pid)];
              result.megabytes = all.map(residentMegabytes).reduce((a, b) => a + b) - baseline;
            }
          },
        },
      );
      return result;
    }),
};
