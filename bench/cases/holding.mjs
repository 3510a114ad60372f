// What a reader costs at the worst: one that closes nothing of what it reads.
import { measureReceiving } from '../measure/receiving.mjs';

/** A picture of 1920x1080 in I420. */
const PICTURE_MB = (1920 * 1080 * 1.5) / 2 ** 20;
const MOST_HELD = 32;
/** What waits beside them, and what the decoder has. */
const OTHERS = 12;

export const holding = {
  name: 'holding',
  about: 'a reader of 1920x1080 that never closes a picture, until it is told so',
  clients: ['ours'],
  seconds: () => 9,
  rows: [
    {
      key: 'megabytes',
      what: 'memory that a reader adds which closes no picture of 1080p',
      unit: 'MB',
      digits: 0,
      reach: { atMost: Math.ceil((MOST_HELD + OTHERS) * PICTURE_MB) },
    },
    { key: 'pictures', what: 'pictures it got until an error said so', digits: 0 },
  ],
  async measure({ client, quick }) {
    const { phases, refusal } = await measureReceiving({
      client,
      phases: ['decoded', 'held'],
      rounds: 1,
      seconds: quick ? 1 : 2,
    });
    if (!/close\(\)/.test(refusal)) throw new Error(`the error says nothing of it: ${refusal}`);
    return {
      megabytes: phases.more('held', 'decoded', 'megabytes'),
      pictures: phases.usual('held', 'count'),
    };
  },
};
