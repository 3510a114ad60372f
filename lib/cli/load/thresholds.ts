// What is to hold, as `--threshold join.p95<=500` says it.
import { UsageError } from '../UsageError.js';
import { COUNTS, METRICS, STATISTICS, metricNames, spreadOf } from './metrics.js';
import type { Count, Metric, Statistic, Values } from './metrics.js';

type Comparison = '<' | '<=' | '>' | '>=';

export type Threshold = {
  /** As it was given. */
  text: string;
  of: Metric | Count;
  statistic?: Statistic;
  comparison: Comparison;
  limit: number;
};

/** `value` is missing where nothing was measured, which holds nothing. */
export type Judged = { threshold: string; value?: number; unit: string; held: boolean };

/** Nobody who was meant to be there may be missing, unless the user says otherwise. */
const USUAL = ['failed<=0', 'lost<=0'];

export const isMetric = (name: string): name is Metric => Object.hasOwn(METRICS, name);
const isCount = (name: string): name is Count => (COUNTS as readonly string[]).includes(name);

/** @throws UsageError that says what is right. */
export function parseThreshold(text: string): Threshold {
  const [, of = '', statistic, comparison, number = ''] =
    /^\s*([a-z]+)(?:\.([a-z0-9]+))?\s*(<=|>=|<|>)\s*(\S+)\s*$/i.exec(text) ?? [];
  const limit = Number(number);
  const wrong = (expected: string) =>
    new UsageError(`--threshold: expected ${expected}, got ${JSON.stringify(text)}`);
  if (!comparison || number === '' || !Number.isFinite(limit)) {
    throw wrong('a name, <, <=, > or >=, and a number, as in join.p95<=500');
  }
  const rest = { text: text.trim(), comparison: comparison as Comparison, limit };
  if (isCount(of)) {
    if (statistic !== undefined) throw wrong(`${of} without a statistic, as it is a count`);
    return { ...rest, of };
  }
  if (!isMetric(of)) throw wrong(`one of ${[...metricNames, ...COUNTS].join(', ')} first`);
  const chosen = statistic ?? 'p95';
  if (!(STATISTICS as readonly string[]).includes(chosen)) {
    throw wrong(`${of} with one of ${STATISTICS.map((name) => `.${name}`).join(', ')}`);
  }
  return { ...rest, of, statistic: chosen as Statistic };
}

export function parseThresholds(texts: readonly string[]): Threshold[] {
  const given = texts.map(parseThreshold);
  const usual = USUAL.map(parseThreshold).filter(({ of }) => !given.some((one) => one.of === of));
  return [...given, ...usual];
}

export function judge(
  thresholds: readonly Threshold[],
  { values, counts }: { values: Values; counts: Record<Count, number> },
): Judged[] {
  return thresholds.map(({ text, of, statistic, comparison, limit }) => {
    const value = isMetric(of) ? spreadOf(values[of])?.[statistic ?? 'p95'] : counts[of];
    const unit = isMetric(of) ? METRICS[of].unit : '';
    if (value === undefined) return { threshold: text, unit, held: false };
    return { threshold: text, value, unit, held: compare(value, comparison, limit) };
  });
}

function compare(value: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}
