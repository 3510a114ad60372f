// What a soak tells: soak.json, and soak.html with charts of it.
import fs from 'node:fs';
import path from 'node:path';
import { chartsOf } from './charts.mjs';
import type { Options } from './options.js';
import type { Sample } from './samples.js';
import { slopeOf } from './slope.js';
import type { World } from './world.js';

/** Of the quiet moments the first are of beginning: pools fill, code is compiled. */
const WARM_UP = 0.2;
const MEMORY = {
  rss: 'resident memory',
  own: 'resident memory but of files',
  cHeap: 'C heap',
  goHeap: 'Go heap',
  v8Heap: 'V8 heap',
  external: 'external memory',
} as const;
const LIMIT_AN_HOUR = 1;
/** What allocators keep or give back by chance, in MB: it is a slope in a short run. */
const NOISE = { rss: 12, own: 12, cHeap: 2, goHeap: 1, v8Heap: 3, external: 1 };

export type Growth = { name: string; slope: number; least: number; most: number; limit: number };

/** In MB an hour. */
function growthOf(samples: Sample[]): Growth[] {
  const quiet = samples.filter((sample) => sample.quiet);
  const warm = quiet.slice(Math.min(Math.ceil(quiet.length * WARM_UP), quiet.length - 3));
  const [first, last] = [warm[0], warm.at(-1)];
  if (!first || !last || warm.length < 3) return [];
  const hours = (last.at - first.at) / 3600;
  return (Object.keys(MEMORY) as (keyof typeof MEMORY)[]).map((key) => ({
    name: MEMORY[key],
    ...slopeOf(warm.map((sample) => [sample.at / 3600, sample[key]])),
    limit: hours > 0.75 ? LIMIT_AN_HOUR : NOISE[key] / hours,
  }));
}

export function writeReport(
  options: Options,
  { actions, errors }: World,
  samples: Sample[],
  failure: Error | undefined,
): { growth: Growth[]; fault: Error | undefined } {
  const growth = growthOf(samples);
  const grown = growth.filter(({ slope, limit }) => slope > limit);
  const tooMuch =
    grown.length > 0
      ? new Error(`it grows: ${grown.map(({ name }) => name).join(', ')}`)
      : undefined;
  const fault = failure ?? tooMuch;
  const counts = (map: Map<string, number>) =>
    Object.fromEntries([...map].sort(([, a], [, b]) => b - a));
  const report = {
    ...options,
    passed: !fault,
    failure: fault?.message,
    node: process.version,
    growth,
    actions: counts(actions),
    errors: counts(errors),
    samples,
  };
  fs.mkdirSync(options.report, { recursive: true });
  fs.writeFileSync(path.join(options.report, 'soak.json'), JSON.stringify(report, null, 1));
  fs.writeFileSync(path.join(options.report, 'soak.html'), chartsOf(report));
  return { growth, fault };
}

export type Report = {
  minutes: number;
  seed: number;
  bots: number;
  passed: boolean;
  failure: string | undefined;
  node: string;
  growth: Growth[];
  actions: Record<string, number>;
  errors: Record<string, number>;
  samples: Sample[];
};
