// What it costs to record a received stream of 2 Mbit/s, on top of receiving it.
import { measureReceiving } from '../measure/receiving.mjs';

const settings = (client, quick) => ({
  client,
  phases: ['received', 'recorded'],
  rounds: quick ? 1 : 3,
  seconds: quick ? 1 : 3,
});

export const recording = {
  name: 'recording',
  about: 'VP8 of 2 Mbit/s, received and written to a webm file',
  clients: ['ours'],
  seconds({ client, quick }) {
    const { phases, rounds, seconds } = settings(client, quick);
    return 4 + rounds * phases.length * (seconds + 1);
  },
  rows: [
    {
      key: 'onTop',
      what: 'recording 2 Mbit/s, on top of receiving, of a core',
      unit: '%',
      digits: 2,
      reach: { atMost: 1 },
    },
    { key: 'percent', what: 'receiving and recording it, of a core', unit: '%', digits: 2 },
  ],
  async measure({ client, quick }) {
    const { phases } = await measureReceiving(settings(client, quick));
    if (phases.usual('recorded', 'done') === 0) throw new Error('nothing was recorded');
    return {
      onTop: phases.more('recorded', 'received'),
      percent: phases.usual('recorded', 'percent'),
    };
  },
};
