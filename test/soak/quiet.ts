// What is left once everybody has left: nothing.
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../e2e/session.js';
import { Holdings } from '../e2e/holdings.js';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';
import type { Samples } from './samples.js';

/** What ends late: sockets that linger, sources that are being closed. */
const SETTLE_MS = 30_000;

const LOOKS = 5;
const LOOK_EVERY_MS = 200;

/** Go ends no thread: it has as many as were in C or in the system at once so far, which some more may be. */
const THREADS_MORE = 4;

type Counts = Awaited<ReturnType<Holdings['now']>>;

export class Quiet {
  readonly #holdings = new Holdings();
  readonly #samples: Samples;
  #before: Counts | undefined;
  #threads = new Map<string, number>();

  constructor(samples: Samples) {
    this.#samples = samples;
  }

  /** Collects all garbage, of Go and C too, and takes the least of a few samples: V8 gives back on threads of its own, later. */
  async sample(): Promise<void> {
    const looks = [];
    for (let i = 0; i < LOOKS; i++) {
      globalThis.gc?.();
      await pause(LOOK_EVERY_MS);
      const { bytes } = await openHooked().request(0, Hook.Collect, {});
      looks.push(await this.#samples.look({ bots: 0, quiet: true, cHeap: bytes }));
    }
    this.#samples.keep(looks.reduce((least, look) => (look.own < least.own ? look : least)));
  }

  /** What is there now is what there may be from now on. */
  async begin(): Promise<void> {
    this.#before = await this.#holdings.settled(SETTLE_MS);
    this.#threads = threads();
  }

  /** What there is more than at the beginning, named, after a while for what ends late. */
  async left(): Promise<string[]> {
    if (!this.#before) throw new Error('it has not begun');
    const handles = await this.#handlesLeft();
    return [...handles, ...(await this.#holdings.left(this.#before, SETTLE_MS))];
  }

  /** What is there now, by name. */
  async now(): Promise<string[]> {
    return [...(await this.#holdings.now())].map(([name, count]) => `${count} x ${name}`);
  }

  /** Threads are kept for a while by who has made them, so they are looked at once, at the end. */
  threadsLeft(): string[] {
    return [...threads()]
      .map(([name, count]) => [name, count - (this.#threads.get(name) ?? 0)] as const)
      .filter(([, more]) => more > THREADS_MORE)
      .map(([name, more]) => `${more} x thread ${name}`);
  }

  async #handlesLeft(): Promise<string[]> {
    let found: Record<string, number> = {};
    const isEmpty = async () => {
      const { thread } = await this.#samples.metrics();
      const { heldFrames, lentPlanes } = thread;
      found = { ...thread.handles, heldFrames, lentPlanes };
      return Object.values(found).every((count) => count === 0);
    };
    try {
      await until('no handles', isEmpty, { timeoutMs: SETTLE_MS });
      return [];
    } catch {
      return Object.entries(found)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} x handle of ${name}`);
    }
  }
}

/** By their names; numbers in these are of one of several. */
function threads(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of fs.readdirSync('/proc/self/task')) {
    let name;
    try {
      name = fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim().replace(/\d+$/, '');
    } catch {
      // It has just ended.
      continue;
    }
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
