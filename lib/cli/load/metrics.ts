// What is measured, in what unit, and what of it thresholds and tables can name.
import { quantile } from './quantile.mjs';

/** Each has one value a bot (or a consumer, or a second) of which percentiles are told. */
export const METRICS = {
  join: {
    unit: 'ms',
    about: 'joining: from the first request to all that the bot sends being produced',
  },
  picture: { unit: 'ms', about: 'first picture: from the first video consumer to its first frame' },
  loss: { unit: '%', about: 'packets that a bot did not receive' },
  sentloss: { unit: '%', about: 'packets of a bot that the server did not receive, as it reports' },
  rtt: { unit: 'ms', about: 'round trip of a bot to the server, mean' },
  freezes: {
    unit: '',
    about: 'times in a minute that a video of a bot stood still for a second or more',
  },
  received: { unit: 'kbit/s', about: 'what a bot receives' },
  sent: { unit: 'kbit/s', about: 'what a bot sends' },
  delay: { unit: 'ms', about: 'a message from one bot of a process to another, median of a bot' },
  loop: { unit: 'ms', about: 'delay of the event loop of the bots, p99 of each second and thread' },
} as const;

export type Metric = keyof typeof METRICS;
export type Values = Record<Metric, number[]>;

/** Counts of bots that thresholds can name. */
export const COUNTS = ['joined', 'failed', 'lost', 'refused'] as const;
export type Count = (typeof COUNTS)[number];

/** What was carried, before anything was. */
export const NOTHING = {
  bytesSent: 0,
  bytesReceived: 0,
  packetsSent: 0,
  packetsReceived: 0,
  packetsDropped: 0,
  messagesSent: 0,
  messagesReceived: 0,
  messagesLost: 0,
};

export type Totals = typeof NOTHING;

export const STATISTICS = ['mean', 'min', 'p50', 'p90', 'p95', 'p99', 'max'] as const;
export type Statistic = (typeof STATISTICS)[number];
export type Spread = Record<Statistic, number> & { count: number };

export const metricNames: readonly Metric[] = Object.keys(METRICS) as Metric[];

export function noValues(): Values {
  return Object.fromEntries(metricNames.map((name) => [name, []])) as unknown as Values;
}

/** Of those that are known; undefined where none is. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return rounded(known.reduce((sum, value) => sum + value, 0) / known.length);
}

/** What is a mean of those who tell it, and missing where nobody does. */
export type Means = { loss?: number; rtt?: number };

export function meansOf(all: readonly { [K in keyof Means]: Means[K] | undefined }[]): Means {
  const loss = mean(all.map((one) => one.loss));
  const rtt = mean(all.map((one) => one.rtt));
  return { ...(loss === undefined ? {} : { loss }), ...(rtt === undefined ? {} : { rtt }) };
}

/** Undefined where nothing was measured. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const middle = mean(values);
  if (middle === undefined) return undefined;
  const at = (share: number) => rounded(quantile(values, share));
  return {
    count: values.length,
    mean: middle,
    min: at(0),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}

export const rounded = (value: number): number => Math.round(value * 1000) / 1000;
