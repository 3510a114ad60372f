// How many goroutines a bot keeps that passes a clip through, once it is connected.
import { fileURLToPath } from 'node:url';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { runChild } from '../measure/child.mjs';
import { withRoom } from '../measure/room.mjs';
import { clip } from '../peers/clip.mjs';

const BOTS = 20;
const script = fileURLToPath(new URL('../clients/goroutines.ts', import.meta.url));

export const goroutines = {
  name: 'goroutines',
  about: `of each of ${BOTS} bots that pass a clip through, after connecting`,
  clients: ['ours'],
  seconds: () => 8,
  rows: [{ key: 'each', what: 'goroutines a bot passed through', reach: { atMost: 8 } }],
  measure: () =>
    withRoom({ mediaCodecs: mediaCodecsOf('H264', 'opus') }, (room) =>
      runChild(
        script,
        { client: 'ours', file: clip, bots: BOTS },
        {
          limitMs: 60_000,
          execArgv: ['--import', 'tsx'],
          onRequest: (method, data) => room.server.request(method, data),
        },
      ),
    ),
};
