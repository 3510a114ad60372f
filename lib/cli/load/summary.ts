// What a run comes to, of one machine or of many.
import os from 'node:os';
import { version } from '../../version.js';
import { sourceName } from '../../sourceName.js';
import { METRICS, meansOf, noValues, metricNames, spreadOf } from './metrics.js';
import type { Count, Means, Metric, Spread, Totals, Values } from './metrics.js';
import type { Options } from './options.js';
import { judge } from './thresholds.js';
import type { Judged, Threshold } from './thresholds.js';

/** One line of JSON a second. `at` is in seconds since the first bot began, rates are of the last second. */
export type Second = Means & {
  type: 'second';
  pod: number;
  at: number;
  waiting: number;
  joining: number;
  joined: number;
  failed: number;
  lost: number;
  refused: number;
  consumers: number;
  kbitsSent: number;
  kbitsReceived: number;
  packetsSent: number;
  packetsReceived: number;
  messagesSent: number;
  messagesReceived: number;
  loop: number;
  /** Of this process: processor cores in use, resident memory in MB. */
  cores: number;
  rss: number;
};

/** What a pod without bots has to tell. */
export type Note = { type: 'note'; pod: number; message: string };

export type Summary = {
  type: 'summary';
  version: string;
  url: string;
  adapter: string;
  /** ISO 8601. */
  began: string;
  /** Seconds from the first bot's begin to the end. */
  seconds: number;
  /** Which pods it is of, of how many. */
  pods: { of: number; seen: number[] };
  bots: number;
  /** Why it ended before its time. */
  early?: string;
  counts: Record<Count, number>;
  totals: Totals;
  spreads: Partial<Record<Metric, Spread>>;
  errors: Record<string, number>;
  /** What makes the numbers doubtful. */
  notes: string[];
  thresholds: Judged[];
  passed: boolean;
  machines: { pod: number; node: string; cpus: number; maxCores: number; maxRss: number }[];
  /** What the spreads are of. */
  values: Values;
  /** Each second, where they are not lines of their own. */
  history?: Second[];
};

/** A p95 of the event loop's delay above which what bots measure is theirs as much as the server's. */
const LOOP_LIMIT_MS = 50;
const CORES_LIMIT = 0.9;

/** What is known of a run at its end. */
export type Course = {
  began: Date;
  seconds: number;
  early?: string;
  counts: Record<Count, number>;
  totals: Totals;
  values: Values;
  errors: Record<string, number>;
  history: Second[];
};

export function summaryOf(options: Options, course: Course): Summary {
  const { settings, pod, pods, own } = options;
  const { began, seconds, early, history, ...rest } = course;
  const most = (key: 'cores' | 'rss') => Math.max(0, ...history.map((second) => second[key]));
  const cpus = os.availableParallelism();
  const machine = {
    pod,
    node: process.version,
    cpus,
    maxCores: most('cores'),
    maxRss: most('rss'),
  };
  return finish(options.thresholds, {
    type: 'summary',
    version,
    url: sourceName(settings.url),
    adapter: settings.adapter,
    began: began.toISOString(),
    seconds,
    pods: { of: pods, seen: [pod] },
    bots: own.to - own.from,
    ...(early === undefined ? {} : { early }),
    ...rest,
    machines: [machine],
    history,
  });
}

type Unjudged = Omit<Summary, 'spreads' | 'notes' | 'thresholds' | 'passed'>;

/** `missing`: pods that told nothing. What nobody measured does not hold. */
function finish(thresholds: readonly Threshold[], summary: Unjudged, missing = 0): Summary {
  const { values, counts } = summary;
  const judged = judge(thresholds, { values, counts });
  const spreads: Summary['spreads'] = {};
  for (const name of metricNames) {
    const spread = spreadOf(values[name]);
    if (spread) spreads[name] = spread;
  }
  return {
    ...summary,
    spreads,
    notes: notesOf(summary, missing),
    thresholds: judged,
    passed: missing === 0 && judged.every(({ held }) => held),
  };
}

/** Where the machine of the bots is at its end, the numbers are of it and not of the server. */
function notesOf({ values, machines, totals, pods, early }: Unjudged, missing: number): string[] {
  const notes: string[] = [];
  const loop = spreadOf(values.loop)?.p95 ?? 0;
  if (loop > LOOP_LIMIT_MS) {
    notes.push(
      `The bots' own event loop was late (p95 ${loop} ms): take fewer bots a machine, or more --threads.`,
    );
  }
  for (const { pod, cpus, maxCores } of machines) {
    if (maxCores < cpus * CORES_LIMIT) continue;
    const name = pods.of > 1 ? `The machine of pod ${pod}` : "The bots' machine";
    notes.push(
      `${name} had no processor left (${maxCores} of ${cpus} cores): take fewer bots for it.`,
    );
  }
  if (totals.packetsDropped > 0) {
    notes.push(
      `The bots' system did not take ${totals.packetsDropped} packets: raise net.core.wmem_max.`,
    );
  }
  if (missing > 0) notes.push(`${missing} of ${pods.of} pods told nothing.`);
  if (early !== undefined) notes.push(`It ended early: ${early}.`);
  return notes;
}

/**
 * Makes one summary of those of several pods. `idle` are pods that had no bot.
 *
 * @throws Error where two are of one pod.
 */
export function merge(
  summaries: readonly Summary[],
  thresholds: readonly Threshold[],
  idle: readonly number[] = [],
): Summary {
  const [first] = summaries;
  if (!first) throw new Error('there is no summary');
  const seen = [...summaries.flatMap(({ pods }) => pods.seen), ...idle].sort((a, b) => a - b);
  const twice = seen.find((pod, index) => pod === seen[index - 1]);
  if (twice !== undefined) throw new Error(`there are two summaries of pod ${twice}`);
  const values = noValues();
  for (const summary of summaries) {
    for (const name of metricNames) values[name] = values[name].concat(summary.values[name]);
  }
  const early = summaries.map((summary) => summary.early).filter((reason) => reason !== undefined);
  const of = Math.max(...summaries.map(({ pods }) => pods.of));
  const merged: Unjudged = {
    type: 'summary',
    version,
    url: first.url,
    adapter: first.adapter,
    began: summaries.map(({ began }) => began).sort()[0] ?? first.began,
    seconds: Math.max(...summaries.map(({ seconds }) => seconds)),
    pods: { of, seen },
    bots: summaries.reduce((sum, { bots }) => sum + bots, 0),
    ...(early.length > 0 ? { early: [...new Set(early)].join('; ') } : {}),
    counts: added(...summaries.map(({ counts }) => counts)),
    totals: added(...summaries.map(({ totals }) => totals)),
    errors: added({}, ...summaries.map(({ errors }) => errors)),
    machines: summaries.flatMap(({ machines }) => machines),
    values,
    history: together(summaries.flatMap(({ history = [] }) => history)),
  };
  return finish(thresholds, merged, of - seen.length);
}

/** The sums of members of one name. */
export function added<T extends Record<string, number>>(...all: T[]): T {
  const sum: Record<string, number> = {};
  for (const one of all) {
    for (const [name, value] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum as T;
}

/** What all pods had in each second since their beginnings. A pod that has ended has what it had last. */
function together(seconds: readonly Second[]): Second[] {
  const byPod = groups(seconds);
  const ends = Math.max(0, ...seconds.map(({ at }) => at));
  const all: Second[] = [];
  for (let at = 1; at <= Math.ceil(ends); at++) {
    const now = [...byPod.values()]
      .map((own) => own.findLast((second) => Math.round(second.at) <= at))
      .filter((second) => second !== undefined);
    if (now.length > 0) all.push({ ...addedSeconds(now), at });
  }
  return all;
}

function groups(seconds: readonly Second[]): Map<number, Second[]> {
  const map = new Map<number, Second[]>();
  for (const second of seconds) {
    const own = map.get(second.pod);
    if (own) own.push(second);
    else map.set(second.pod, [second]);
  }
  return map;
}

/** Counts and rates add up, delays are the worst, shares and times the mean. */
export function addedSeconds(seconds: readonly Second[]): Second {
  const numbers = seconds.map(({ type: _type, loss: _loss, rtt: _rtt, ...rest }) => rest);
  return {
    type: 'second',
    ...added(...numbers),
    pod: seconds[0]?.pod ?? 0,
    at: Math.max(...seconds.map(({ at }) => at)),
    loop: Math.max(...seconds.map(({ loop }) => loop)),
    ...meansOf(seconds),
  };
}

export const unitOf = (name: Metric): string => METRICS[name].unit;
