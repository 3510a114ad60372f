// How long an app waits: for the library, and from there to the first picture at the server.
import { fileURLToPath } from 'node:url';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { runChild } from '../measure/child.mjs';
import { environmentOf } from '../peers/setup.mjs';

const script = fileURLToPath(new URL('../clients/startup.mjs', import.meta.url));

export const startup = {
  name: 'startup',
  about: 'the library loaded, and the first packet of video at the server; a process each time',
  clients: ['ours', 'aiortc'],
  seconds: ({ client }) => (client === 'ours' ? 1.5 : 3),
  rows: [
    {
      key: 'loadMs',
      what: 'library loaded and factory ready',
      unit: 'ms',
      reach: { atMost: 10 },
    },
    {
      key: 'firstPacketMs',
      what: 'factory to the first packet of video at the server',
      unit: 'ms',
      reach: { atMost: 40 },
    },
  ],
  measure: ({ client }) =>
    runChild(
      script,
      { client, file: fixturePath('bars-440hz.mp4') },
      { limitMs: 30_000, env: environmentOf(client) },
    ),
};
