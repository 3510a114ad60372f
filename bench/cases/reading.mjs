// What it costs to read pictures of 1920x1080 as they are decoded, on top of decoding them.
import { measureReceiving } from '../measure/receiving.mjs';

const settings = (client, quick) => ({
  client,
  // libwebrtc decodes what it receives whether somebody reads it or not.
  phases: client === 'ours' ? ['decoded', 'read', 'copied'] : ['received', 'read'],
  rounds: quick ? 1 : 2,
  seconds: quick ? 1 : 2,
});

export const reading = {
  name: 'reading',
  about: '1920x1080, 30 pictures a second, received, decoded and read as I420',
  clients: ['ours', 'wrtc'],
  seconds({ client, quick }) {
    const { phases, rounds, seconds } = settings(client, quick);
    return 4 + rounds * phases.length * (seconds + 1.2);
  },
  rows: [
    {
      key: 'onTop',
      what: 'reading 1080p30 as I420, on top of decoding, of a core',
      unit: '%',
      reach: { atMost: 5 },
    },
    {
      key: 'percent',
      what: 'receiving, decoding and reading it, of a core',
      unit: '%',
      reach: { atMost: 1, of: 'wrtc' },
    },
    { key: 'thread', what: 'of that the JavaScript thread', unit: '%', digits: 2 },
    {
      key: 'microseconds',
      what: 'the JavaScript thread for a picture of 3 MB that is read',
      unit: 'µs',
      digits: 0,
    },
    {
      key: 'copying',
      what: 'the same with copyTo()',
      unit: 'µs',
      digits: 0,
    },
    { key: 'pictures', what: 'pictures that were read a second' },
  ],
  async measure({ client, quick }) {
    const { phases } = await measureReceiving(settings(client, quick));
    const each = (phase) => (1e4 * phases.usual(phase, 'thread')) / phases.usual(phase, 'done');
    return {
      onTop: phases.more('read', client === 'ours' ? 'decoded' : 'received'),
      percent: phases.usual('read', 'percent'),
      thread: phases.usual('read', 'thread'),
      microseconds: each('read'),
      ...(client === 'ours' && { copying: each('copied') }),
      pictures: phases.usual('read', 'done'),
    };
  },
};
