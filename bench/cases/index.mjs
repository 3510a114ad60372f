// Every case, in the order in which they run.
import { bots } from './bots.mjs';
import { botsACore } from './bots-a-core.mjs';
import { consumers } from './consumers.mjs';
import { data } from './data.mjs';
import { generators } from './generators.mjs';
import { goroutines } from './goroutines.mjs';
import { holding } from './holding.mjs';
import { reading } from './reading.mjs';
import { recording } from './recording.mjs';
import { scale } from './scale.mjs';
import { soundDelay } from './sound-delay.mjs';
import { startup } from './startup.mjs';
import { transcoded } from './transcoded.mjs';
import { writing } from './writing.mjs';

/**
 * What is measured together. The first of `clients` is this package, the others are its peers.
 * @typedef {{
 *   name: string,
 *   about: string,
 *   clients: string[],
 *   rows: import('../measure/judge.mjs').Row[],
 *   seconds: (options: { client: string, quick: boolean }) => number,
 *   measure: (options: { client: string, quick: boolean }) => Promise<Record<string, number | undefined>>,
 * }} Case `seconds` is about how long a measurement takes
 */

/** @type {Case[]} */
export const cases = [
  startup,
  transcoded,
  bots,
  botsACore,
  goroutines,
  consumers,
  scale,
  data,
  reading,
  writing,
  generators,
  soundDelay,
  recording,
  holding,
];
