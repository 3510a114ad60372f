// The choices of a soak: the same for the same seed, whatever took how long before.
import { mulberry32 } from '../e2e/support/random.mjs';

export class Chance {
  readonly #random: () => number;

  /** One of its own for each path, such as the seed, a round, a bot and its step. */
  constructor(...path: number[]) {
    let seed = 0;
    for (const part of path)
      seed = Math.imul(seed ^ (part + 0x9e3779b9), 0x85ebca6b) ^ (seed >>> 13);
    this.#random = mulberry32(seed);
  }

  /** From `low` to below `high`. */
  between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** True in so many of all cases. */
  happens(share: number): boolean {
    return this.#random() < share;
  }

  /** @throws Error where there is nothing to choose from. */
  of<T>(all: Iterable<T>): T {
    const list = [...all];
    const chosen = list[this.whole(0, list.length - 1)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  byWeight<T extends { weight: number }>(all: readonly T[]): T {
    let left = this.between(
      0,
      all.reduce((sum, { weight }) => sum + weight, 0),
    );
    for (const each of all) if ((left -= each.weight) < 0) return each;
    return this.of(all);
  }
}
