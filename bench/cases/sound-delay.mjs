// How long sound takes from write() to who reads it at a second client, through the server.
import { fileURLToPath } from 'node:url';
import { runChild } from '../measure/child.mjs';
import { withRoom } from '../measure/room.mjs';

const script = fileURLToPath(new URL('../clients/sound-delay.mjs', import.meta.url));

const secondsOf = (quick) => (quick ? 3 : 12);

export const soundDelay = {
  name: 'sound-delay',
  about: 'one-way, from write() of 20 ms of sound to AudioData at a second client',
  clients: ['ours', 'wrtc'],
  seconds: ({ quick }) => secondsOf(quick) + 4,
  rows: [
    {
      key: 'medianMs',
      what: 'sound, one way, from write() to AudioData, median',
      unit: 'ms',
      reach: { atMost: 60 },
    },
    { key: 'p99Ms', what: 'the same, p99', unit: 'ms', reach: { atMost: 100 } },
    { key: 'tones', what: 'tones that were heard', digits: 0 },
  ],
  measure: ({ client, quick }) =>
    withRoom({}, (room) =>
      runChild(
        script,
        { client, seconds: secondsOf(quick) },
        {
          limitMs: 60_000,
          pinned: true,
          onRequest: (method, data) => room.server.request(method, data),
        },
      ),
    ),
};
