// The report as a page that needs nothing else: no script, no file, no network.
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

const PANELS = [
  ['Memory, MB', 'rss', 'goHeap', 'v8Heap', 'external'],
  ['Goroutines', 'goroutines'],
  ['Threads and files', 'threads', 'files'],
  ['Bots, and processor cores', 'bots', 'cores'],
];
const COLOURS = ['#0b7c94', '#bf8700', '#8250df', '#1a7f37'];
const SIZE = { width: 1000, height: 220, left: 60, right: 990, top: 12, bottom: 190 };

/** @param {import('./report.js').Report} report @returns {string} */
export function chartsOf(report) {
  const { minutes, seed, bots, node, passed, failure, growth, actions, errors, samples } = report;
  const rows = (pairs) =>
    pairs
      .map(([name, value]) => `<tr><td>${escaped(name)}</td><td>${escaped(value)}</td></tr>`)
      .join('');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Soak, ${minutes} minutes</title>
<style>
body { font: 14px system-ui, sans-serif; max-width: 1000px; margin: 24px auto; color: #1f2328; background: #fff }
table { border-collapse: collapse; margin-right: 40px } td { padding: 2px 12px 2px 0; vertical-align: top }
td + td { text-align: right } div { display: flex } text { font-size: 11px; fill: #424a53 }
</style>
<h1>Soak: ${passed ? 'passed' : 'FAILED'}</h1>
<p>${minutes} minutes, ${bots} bots, seed ${seed}, Node.js ${escaped(node)}. Dots are quiet moments: nobody has joined, all garbage is collected.</p>
${failure ? `<pre>${escaped(failure)}</pre>` : ''}
${PANELS.map(([title, ...keys]) => panel(title, keys, samples)).join('\n')}
<h2>Growth in quiet moments after warm-up, MB an hour</h2>
<table>${rows(growth.map(({ name, slope, least, most, limit }) => [name, `${slope.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}), limit ${limit.toFixed(1)}`]))}</table>
<div><section><h2>Actions</h2><table>${rows(Object.entries(actions))}</table></section>
<section><h2>Errors that were expected</h2><table>${rows(Object.entries(errors))}</table></section></div>
</html>
`;
}

function panel(title, keys, samples) {
  const last = samples.at(-1)?.at ?? 1;
  const most = Math.max(1, ...samples.flatMap((sample) => keys.map((key) => sample[key])));
  const x = scaleLinear([0, last], [SIZE.left, SIZE.right]);
  const y = scaleLinear([0, most], [SIZE.bottom, SIZE.top]).nice(4);
  const grid = y.ticks(4).map((value) => {
    const at = y(value).toFixed(1);
    return `<path d="M${SIZE.left} ${at}H${SIZE.right}" stroke="#d0d7de"/><text x="${SIZE.left - 6}" y="${at}" text-anchor="end">${value}</text>`;
  });
  const times = x
    .ticks(8)
    .map(
      (value) =>
        `<text x="${x(value).toFixed(1)}" y="${SIZE.bottom + 18}" text-anchor="middle">${value} s</text>`,
    );
  const curves = keys.map((key, index) => {
    const draw = line(
      ({ at }) => x(at),
      (sample) => y(sample[key]),
    ).digits(1);
    const dots = samples
      .filter(({ quiet }) => quiet)
      .map(
        (s) =>
          `<circle cx="${x(s.at).toFixed(1)}" cy="${y(s[key]).toFixed(1)}" r="2.5" fill="${COLOURS[index]}"/>`,
      );
    return `<path d="${draw(samples)}" fill="none" stroke="${COLOURS[index]}"/>${dots.join('')}`;
  });
  const names = keys.map((key, index) => `<span style="color:${COLOURS[index]}">${key}</span>`);
  return `<h2>${title}: ${names.join(', ')}</h2><svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${title}">${[...grid, ...times, ...curves].join('')}</svg>`;
}

function escaped(value) {
  return String(value).replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}
