// What a hundred sources of sound cost that an app writes, at 48 kHz, encoded as Opus and sent.
import { fileURLToPath } from 'node:url';
import { runChild } from '../measure/child.mjs';
import { Phases } from '../measure/phases.mjs';
import { bytesByKind, withRoom } from '../measure/room.mjs';

const script = fileURLToPath(new URL('../clients/generators.mjs', import.meta.url));

const secondsOf = (quick) => (quick ? 1 : 4);
const sourcesOf = (quick) => (quick ? 10 : 100);

export const generators = {
  name: 'generators',
  about: '100 sources of sound at 48 kHz, written in pieces of 20 ms and sent as Opus',
  clients: ['ours', 'wrtc'],
  seconds: ({ quick }) => 2 * secondsOf(quick) + 6,
  rows: [
    {
      key: 'percent',
      what: '100 sources of sound, written, encoded and sent, of a core',
      unit: '%',
      digits: 0,
      reach: { atMost: 100 },
    },
    {
      key: 'written',
      what: 'of that writing and pacing, without Opus and the network',
      unit: '%',
      digits: 0,
    },
    { key: 'thread', what: 'of that the JavaScript thread', unit: '%', digits: 0 },
    { key: 'kbits', what: 'what each of them sends', unit: 'kbit/s', digits: 0 },
  ],
  measure: ({ client, quick }) =>
    withRoom({}, async (room) => {
      const phases = new Phases(secondsOf(quick));
      let kbits;
      await runChild(
        script,
        { client, sources: sourcesOf(quick) },
        {
          limitMs: 90_000,
          pinned: true,
          onRequest: (method, data) => room.server.request(method, data),
          async onNote(note, pid) {
            const [before, began] = [await bytesByKind(room), performance.now()];
            await phases.onNote(note, pid);
            if (note.phase !== 'sent' || note.done !== undefined) return;
            const { audio } = await bytesByKind(room);
            kbits = (8 * (audio - before.audio)) / (performance.now() - began) / sourcesOf(quick);
          },
        },
      );
      return {
        percent: phases.usual('sent', 'percent'),
        written: phases.usual('written', 'percent'),
        thread: phases.usual('sent', 'thread'),
        kbits,
      };
    }),
};
