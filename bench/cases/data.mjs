// Data messages through a real server, from a process back to itself: here, in @roamhq/wrtc, and in a plain pion program
// without Node.
import { fileURLToPath } from 'node:url';
import { runPion } from '../clients/pion.mjs';
import { runChild } from '../measure/child.mjs';
import { withRoom } from '../measure/room.mjs';

/** About as many as go in two seconds. */
const FLOWS = [
  { size: 100, messages: 40_000, what: '100 B' },
  { size: 1024, messages: 40_000, what: '1 KB' },
  { size: 16_384, messages: 8000, what: '16 KB' },
];
const SINGLES = { size: 1024, messages: 4000 };
const OUTSTANDING = 200;
const BUFFER = 2 * OUTSTANDING * 16_384;
const QUICK = 10;
const LIMIT_MS = 20_000;
const script = fileURLToPath(new URL('../clients/data.mjs', import.meta.url));

/** By default the server drops what is more than 2 MB: the buffer is not what is measured. */
const withRoomFor = ({ options } = {}) => ({
  options: {
    ...options,
    sctpSendBufferSize: BUFFER,
    sctpPerStreamSendQueueLimit: BUFFER,
  },
});

const shortened = (load, quick) => ({
  ...load,
  messages: quick ? load.messages / QUICK : load.messages,
});

export const data = {
  name: 'data',
  about: `data messages through the server, at most ${OUTSTANDING} under way, and one at a time`,
  clients: ['ours', 'wrtc', 'pion'],
  seconds: ({ quick }) => (quick ? 3 : 9),
  rows: [
    ...FLOWS.map(({ size, what }) => ({
      key: `perSecond${size}`,
      what: `messages of ${what} a second`,
      digits: 0,
      reach: { atLeast: 1, of: 'pion' },
    })),
    { key: 'lost', what: 'lost of all of these', digits: 0, reach: { atMost: 0 } },
    {
      key: 'sendBufferFull',
      what: 'others that the server dropped (sctpsendbufferfull)',
      digits: 0,
    },
    {
      key: 'medianMs',
      what: 'one way, 1 KB, one at a time, median',
      unit: 'ms',
      digits: 3,
      reach: { atMost: 1.3, of: 'pion' },
    },
    {
      key: 'p99Ms',
      what: 'the same, p99',
      unit: 'ms',
      digits: 3,
      reach: { atMost: 2, of: 'pion' },
    },
  ],
  measure: ({ client, quick }) =>
    withRoom({}, async (room) => {
      let sendBufferFull = 0;
      room.server.on('dataconsumer', (consumer) => {
        consumer.on('sctpsendbufferfull', () => sendBufferFull++);
      });
      const task = {
        client,
        flows: FLOWS.map((flow) => shortened(flow, quick)),
        singles: shortened(SINGLES, quick),
        outstanding: OUTSTANDING,
        limitMs: LIMIT_MS,
      };
      const limits = {
        limitMs: 5 * LIMIT_MS,
        onRequest: (method, body) =>
          room.server.request(method, method === 'createTransport' ? withRoomFor(body) : body),
      };
      const { flows, lost, medianMs, p99Ms } =
        client === 'pion' ? await runPion(task, limits) : await runChild(script, task, limits);
      return {
        ...Object.fromEntries(
          flows.map(({ perSecond }, at) => [`perSecond${FLOWS[at].size}`, perSecond]),
        ),
        lost: lost + flows.reduce((sum, flow) => sum + flow.lost, 0) - sendBufferFull,
        sendBufferFull,
        medianMs,
        p99Ms,
      };
    }),
};
