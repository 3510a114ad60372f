// What a person reads: the table while it runs, and the summary.
import type { Screen } from '../Screen.mjs';
import { visible } from '../table.js';
import { METRICS, metricNames } from './metrics.js';
import type { Options } from './options.js';
import type { Second, Summary } from './summary.js';

const COLUMNS = ['p50', 'p90', 'p95', 'p99', 'max'] as const;

export function figure(value: number | undefined, digits = 0): string {
  if (value === undefined || !Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Digits that say something: 0.05, 1.5, 1,234. */
export const fit = (value: number | undefined): string =>
  figure(value, value === undefined || value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** The block of lines that is redrawn each second. */
export function blockOf(
  { settings, plan, duration, bots }: Options,
  second: Second,
  errors: Record<string, number>,
  screen: Screen,
): string[] {
  const { at, waiting, joining, joined, failed, lost } = second;
  const row = (cells: [string, string][]) =>
    `  ${cells.map(([name, value]) => `${screen.dim(name.padEnd(10))}${value.padStart(10)}    `).join('')}`.trimEnd();
  const faults = Object.entries(errors).sort(([, a], [, b]) => b - a);
  return [
    '',
    screen.bold(
      `  ${visible(settings.url)}  ${Math.round(at)} of ${figure(plan.ramp + duration)} s (Ctrl+C ends)`.slice(
        0,
        screen.width,
      ),
    ),
    '',
    row([
      ['bots', figure(bots)],
      ['waiting', figure(waiting)],
      ['joining', figure(joining)],
    ]),
    row([
      ['joined', figure(joined)],
      ['failed', figure(failed)],
      ['lost', figure(lost)],
    ]),
    '',
    row([
      ['sent', `${figure(second.kbitsSent)} kbit/s`],
      ['packets', figure(second.packetsSent)],
      ['messages', figure(second.messagesSent)],
    ]),
    row([
      ['received', `${figure(second.kbitsReceived)} kbit/s`],
      ['packets', figure(second.packetsReceived)],
      ['messages', figure(second.messagesReceived)],
    ]),
    row([
      ['consumers', figure(second.consumers)],
      ['loss', second.loss === undefined ? '-' : `${figure(second.loss, 2)} %`],
      ['round trip', second.rtt === undefined ? '-' : `${figure(second.rtt, 1)} ms`],
    ]),
    row([
      ['loop p99', `${figure(second.loop, 1)} ms`],
      ['cores', figure(second.cores, 2)],
      ['memory', `${figure(second.rss)} MB`],
    ]),
    ...(faults.length > 0 ? [''] : []),
    ...faults
      .slice(0, 5)
      .map(([what, count]) =>
        `  ${figure(count).padStart(6)}  ${visible(what)}`.slice(0, screen.width),
      ),
  ];
}

export function summaryText(summary: Summary): string {
  const { bots, counts, seconds, spreads, totals, errors, notes, thresholds, passed, pods } =
    summary;
  const cells = (first: string, rest: string[]) =>
    `  ${first.padEnd(20)}${rest.map((cell) => cell.padStart(10)).join('')}`.trimEnd();
  const machines = pods.of > 1 ? `, ${pods.seen.length} of ${pods.of} pods` : '';
  return [
    '',
    `  ${figure(counts.joined)} of ${figure(bots)} bots joined, ${figure(counts.failed)} failed, ${figure(counts.lost)} lost, in ${figure(seconds)} s${machines}`,
    `  sent ${figure(totals.packetsSent)} packets (${figure(totals.bytesSent / 1e6, 1)} MB), received ${figure(totals.packetsReceived)} (${figure(totals.bytesReceived / 1e6, 1)} MB)`,
    ...(totals.messagesSent + totals.messagesReceived > 0
      ? [
          `  messages: sent ${figure(totals.messagesSent)}, received ${figure(totals.messagesReceived)}, lost ${figure(totals.messagesLost)}`,
        ]
      : []),
    '',
    cells('', [...COLUMNS]),
    ...metricNames.map((name) => {
      const { unit } = METRICS[name];
      const spread = spreads[name];
      return cells(
        unit ? `${name}, ${unit}` : `${name} a minute`,
        COLUMNS.map((column) => fit(spread?.[column])),
      );
    }),
    '',
    ...Object.entries(errors)
      .sort(([, a], [, b]) => b - a)
      .map(([what, count]) => `  ${figure(count).padStart(6)}  ${visible(what)}`),
    ...notes.map((note) => `  Note: ${visible(note)}`),
    ...thresholds.map(({ threshold, value, unit, held }) =>
      `  ${held ? 'held  ' : 'BROKEN'}  ${threshold.padEnd(24)} ${value === undefined ? 'nothing was measured' : `${fit(value)} ${unit}`}`.trimEnd(),
    ),
    '',
    passed ? '  Passed.' : '  FAILED.',
  ].join('\n');
}
