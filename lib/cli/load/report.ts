// The summary as a page with charts.
import { escaped, pageOf, panel, tableOf } from '../charts.mjs';
import { METRICS, STATISTICS, metricNames } from './metrics.js';
import type { Summary } from './summary.js';
import { visible } from '../table.js';
import { figure, fit } from './text.js';

const PANELS: [title: string, ...keys: string[]][] = [
  ['Bots', 'joined', 'joining', 'failed', 'lost'],
  ['Bitrate of all bots, kbit/s', 'kbitsSent', 'kbitsReceived'],
  ['Loss, %', 'loss'],
  ['Round trip, ms', 'rtt'],
  ['Event loop of the bots, p99, ms', 'loop'],
  ['Processor cores of the bots', 'cores'],
  ['Resident memory of the bots, MB', 'rss'],
];
const MESSAGES = ['Messages a second', 'messagesSent', 'messagesReceived'] as const;

export function reportOf(summary: Summary): string {
  const { bots, counts, seconds, spreads, errors, notes, thresholds, passed, pods, totals } =
    summary;
  const history = summary.history ?? [];
  const panels = totals.messagesSent > 0 ? [...PANELS, MESSAGES] : PANELS;
  const faults = Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => [visible(what), count]);
  const title = `Load: ${passed ? 'passed' : 'FAILED'}`;
  return pageOf(
    title,
    `<h1>${title}</h1>
<p>${escaped(visible(summary.url))}, ${figure(counts.joined)} of ${figure(bots)} bots joined, ${figure(counts.failed)} failed, ${figure(counts.lost)} lost;
${figure(seconds)} s from ${escaped(summary.began)}${pods.of > 1 ? `, ${pods.seen.length} of ${pods.of} pods` : ''}, version ${escaped(summary.version)}.</p>
${notes.map((note) => `<p><strong>${escaped(visible(note))}</strong></p>`).join('\n')}
<h2>Thresholds</h2>
${tableOf(
  thresholds.map(({ threshold, value, unit, held }) => [
    threshold,
    value === undefined ? 'nothing was measured' : `${fit(value)} ${unit}`,
    held ? 'held' : 'BROKEN',
  ]),
)}
<h2>Percentiles</h2>
${tableOf(
  metricNames.map((name) => [
    METRICS[name].unit ? `${name}, ${METRICS[name].unit}` : `${name} a minute`,
    ...STATISTICS.map((statistic) => fit(spreads[name]?.[statistic])),
    figure(spreads[name]?.count),
  ]),
  ['', ...STATISTICS, 'count'],
)}
${tableOf(metricNames.map((name) => [name, METRICS[name].about]))}
${panels.map(([heading, ...keys]) => panel(heading, keys, history)).join('\n')}
<div><section><h2>What went wrong</h2>${tableOf(faults)}</section>
<section><h2>Machines of the bots</h2>${tableOf(
      summary.machines.map(({ pod, node, cpus, maxCores, maxRss }) => [
        pod,
        node,
        `${figure(maxCores, 2)} of ${cpus}`,
        `${figure(maxRss)} MB`,
      ]),
      ['pod', 'Node.js', 'cores at most', 'memory at most'],
    )}</section></div>`,
  );
}
