// What is done with a received video of 1920x1080, 30 pictures a second and 2 Mbit/s, measured in turns.
import { fileURLToPath } from 'node:url';
import { mediaCodecsOf } from '../../test/e2e/support/codecs.mjs';
import { fullHd } from '../peers/clip.mjs';
import { runChild } from './child.mjs';
import { moveAside } from './cores.mjs';
import { Phases } from './phases.mjs';
import { withRoom } from './room.mjs';

const script = (name) => fileURLToPath(new URL(`../clients/${name}.mjs`, import.meta.url));

/**
 * @param {{ client: string, phases: string[], rounds: number, seconds: number }} options
 * @returns {Promise<{ phases: Phases, refusal?: string }>} `refusal` is what a reader was told that holds too much
 */
export async function measureReceiving({ seconds, ...task }) {
  const phases = new Phases(seconds);
  const { onNote } = phases;
  return { phases, ...(await receive(task, { onNote, pinned: true, limitMs: 120_000 })) };
}

/** Sends the video from one process to another, which is told what to do. `options` are of runChild(). */
export function receive(task, options) {
  return withRoom({ mediaCodecs: mediaCodecsOf('VP8', 'opus') }, async (room) => {
    const onRequest = (method, data) => room.server.request(method, data);
    let result;
    await runChild(
      script('bots'),
      { client: 'ours', file: fullHd, stages: [{ bots: 1 }] },
      {
        limitMs: options.limitMs,
        onRequest,
        execArgv: ['--expose-gc'],
        async onNote(_, sender) {
          moveAside(sender);
          result = await runChild(script('receiving'), task, { ...options, onRequest });
        },
      },
    );
    return result;
  });
}
