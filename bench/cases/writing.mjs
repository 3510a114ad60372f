// What it costs to write pictures of 1920x1080, on top of encoding them.
import { fileURLToPath } from 'node:url';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { runChild } from '../measure/child.mjs';
import { Phases } from '../measure/phases.mjs';
import { withRoom } from '../measure/room.mjs';
import { rawFullHd } from '../peers/clip.mjs';

const script = fileURLToPath(new URL('../clients/writing.mjs', import.meta.url));

const phasesOf = (client) =>
  client === 'ours' ? ['paced', 'written', 'encoded', 'sent'] : ['paced', 'written', 'sent'];
const roundsOf = (quick) => (quick ? 1 : 2);
const secondsOf = (quick) => (quick ? 1 : 2);

export const writing = {
  name: 'writing',
  about: '1920x1080, 30 pictures a second of I420, written, and sent as VP8',
  clients: ['ours', 'wrtc'],
  seconds: ({ client, quick }) =>
    4 + roundsOf(quick) * phasesOf(client).length * (secondsOf(quick) + 1),
  rows: [
    {
      key: 'onTop',
      what: 'writing 1080p30 of I420, without encoding it, of a core',
      unit: '%',
      reach: { atMost: 3 },
    },
    {
      key: 'against',
      what: 'writing and encoding it, more than encoding a file of raw pictures',
      unit: '%',
      reach: { atMost: 3 },
    },
    {
      key: 'thread',
      what: 'the JavaScript thread while writing it',
      unit: '%',
    },
    {
      key: 'percent',
      what: 'writing and encoding it, each by its own rule, of a core',
      unit: '%',
    },
    { key: 'pictures', what: 'pictures that were written a second' },
  ],
  measure: ({ client, quick }) =>
    withRoom({ mediaCodecs: mediaCodecsOf('VP8', 'opus') }, async (room) => {
      const phases = new Phases(secondsOf(quick));
      await runChild(
        script,
        { client, file: rawFullHd, phases: phasesOf(client), rounds: roundsOf(quick) },
        {
          limitMs: 120_000,
          pinned: true,
          onRequest: (method, data) => room.server.request(method, data),
          onNote: phases.onNote,
        },
      );
      return {
        onTop: phases.more('written', 'paced'),
        ...(client === 'ours' && {
          against: phases.more('sent', 'encoded'),
        }),
        thread: phases.usual('written', 'thread'),
        percent: phases.usual('sent', 'percent'),
        pictures: phases.usual('sent', 'done'),
      };
    }),
};
