// What a process holds that JavaScript does not see: goroutines, sockets and files.
import fs from 'node:fs';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';

/** Counts, by what is counted: `goroutine <its functions>`, or what a descriptor is open on. */
type Counts = Map<string, number>;

/** For how long nothing changes where all is settled. */
const STEADY_MS = 1000;
const LOOK_EVERY_MS = 100;

export class Holdings {
  readonly #core = openHooked();

  async now(): Promise<Counts> {
    const { byStack } = await this.#core.request(0, Hook.Goroutines, {});
    const counts: Counts = new Map();
    for (const [stack, count] of Object.entries(byStack)) counts.set(`goroutine ${stack}`, count);
    for (const descriptor of descriptors()) {
      counts.set(descriptor, (counts.get(descriptor) ?? 0) + 1);
    }
    return counts;
  }

  /** What there is once it does not change any more, or after the limit. */
  async settled(limitMs: number): Promise<Counts> {
    const deadline = performance.now() + limitMs;
    let counts = await this.now();
    let since = performance.now();
    while (performance.now() - since < STEADY_MS && performance.now() < deadline) {
      await pause();
      const next = await this.now();
      if (isMore(next, counts) || isMore(counts, next)) since = performance.now();
      counts = next;
    }
    return counts;
  }

  /** What there is more than before, named; empty once there is no more, which may take until the limit. */
  async left(before: Counts, limitMs: number): Promise<string[]> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const after = await this.now();
      if (!isMore(after, before)) return [];
      if (performance.now() > deadline) return difference(before, after);
      await pause();
    }
  }
}

function isMore(one: Counts, other: Counts): boolean {
  const [a, b] = [sizes(one), sizes(other)];
  return a.goroutines > b.goroutines || a.descriptors > b.descriptors;
}

function sizes(counts: Counts): { goroutines: number; descriptors: number } {
  const sum = { goroutines: 0, descriptors: 0 };
  for (const [name, count] of counts) {
    sum[name.startsWith('goroutine ') ? 'goroutines' : 'descriptors'] += count;
  }
  return sum;
}

function difference(before: Counts, after: Counts): string[] {
  return [...after]
    .map(([name, count]) => [count - (before.get(name) ?? 0), name] as const)
    .filter(([more]) => more > 0)
    .map(([more, name]) => `${more} x ${name}`);
}

function descriptors(): string[] {
  return fs.readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      // Sockets are numbered, which says nothing.
      return [fs.readlinkSync(`/proc/self/fd/${name}`).replace(/^(socket|pipe):.*/, '$1')];
    } catch {
      // The folder itself, closed by now.
      return [];
    }
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
