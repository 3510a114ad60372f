// The report as a page that needs nothing else.
import { escaped, pageOf, panel, tableOf } from '../../lib/cli/charts.mjs';

const PANELS = [
  ['Memory, MB', 'rss', 'own', 'goHeap', 'v8Heap', 'external'],
  ['Goroutines', 'goroutines'],
  ['Threads and files', 'threads', 'files'],
  ['Bots, and processor cores', 'bots', 'cores'],
];

/** @param {import('./report.js').Report} report @returns {string} */
export function chartsOf(report) {
  const { minutes, seed, bots, node, passed, failure, growth, actions, errors, samples } = report;
  return pageOf(
    `Soak, ${minutes} minutes`,
    `<h1>Soak: ${passed ? 'passed' : 'FAILED'}</h1>
<p>${minutes} minutes, ${bots} bots, seed ${seed}, Node.js ${escaped(node)}. Dots are quiet moments: nobody has joined, all garbage is collected.</p>
${failure ? `<pre>${escaped(failure)}</pre>` : ''}
${PANELS.map(([title, ...keys]) => panel(title, keys, samples, ({ quiet }) => quiet)).join('\n')}
<h2>Growth in quiet moments after warm-up, MB an hour</h2>
${tableOf(growth.map(({ name, slope, least, most, limit }) => [name, `${slope.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}), limit ${limit.toFixed(1)}`]))}
<div><section><h2>Actions</h2>${tableOf(Object.entries(actions))}</section>
<section><h2>Errors that were expected</h2>${tableOf(Object.entries(errors))}</section></div>`,
  );
}
