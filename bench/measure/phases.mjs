// What a process does in turns, each for some time and again and again, so that one is compared with what was beside it.
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './statistics.mjs';
import { mainThreadSeconds, percentOfCore, residentMegabytes } from './usage.mjs';

const SETTLE_MS = 700;

/**
 * `percent` and `thread` are of a core: what the process took, and of it the thread that runs JavaScript. `megabytes` is
 * its resident memory at the end, `count` what it did, and `done` that a second.
 * @typedef {{ percent: number, thread: number, megabytes: number, count: number, done: number }} Taken
 */

/** Measures the phases that a child tells of: `{ settle }`, then `{ phase }`, then `{ phase, done }`. */
export class Phases {
  #seconds;

  /** By phase, a round each. @type {Record<string, Taken[]>} */
  taken = {};

  constructor(seconds) {
    this.#seconds = seconds;
  }

  /** For runChild(). @param {{ settle?: boolean, phase?: string, done?: number }} note @param {number} pid */
  onNote = async ({ settle, phase, done }, pid) => {
    if (settle) {
      await sleep(SETTLE_MS);
    } else if (done === undefined) {
      const [before, began] = [mainThreadSeconds(pid), performance.now()];
      const percent = await percentOfCore([pid], () => sleep(1000 * this.#seconds));
      const thread = (1e5 * (mainThreadSeconds(pid) - before)) / (performance.now() - began);
      (this.taken[phase] ??= []).push({ percent, thread, megabytes: residentMegabytes(pid) });
    } else {
      Object.assign(this.taken[phase].at(-1), { done: done / this.#seconds, count: done });
    }
  };

  /** The median over the rounds of one number of a phase. */
  usual(phase, what) {
    return median(this.taken[phase].map((round) => round[what]));
  }

  /** How much more one phase takes than another, of the same round each. */
  more(phase, other, what = 'percent') {
    const others = this.taken[other];
    return median(this.taken[phase].map((each, round) => each[what] - others[round][what]));
  }
}
