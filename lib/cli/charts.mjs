// Charts of what goes on over time, as pages that need nothing else: no script, no file, no network.
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

const COLOURS = ['#0b7c94', '#bf8700', '#8250df', '#1a7f37'];
const SIZE = { width: 1000, height: 220, left: 60, right: 990, top: 12, bottom: 190 };

const STYLE = `
body { font: 14px system-ui, sans-serif; max-width: 1000px; margin: 24px auto; padding: 0 12px; color: #1f2328; background: #fff }
table { border-collapse: collapse; margin-right: 40px } td, th { padding: 2px 12px 2px 0; vertical-align: top; text-align: left }
td + td, th + th { text-align: right } div { display: flex; flex-wrap: wrap } text { font-size: 11px; fill: #424a53 }
svg { width: 100% } pre { white-space: pre-wrap }`;

/** @param {string} title @param {string} body of HTML @returns {string} */
export function pageOf(title, body) {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>${STYLE}
</style>
${body}
</html>
`;
}

/**
 * A chart with its heading: a line for each key, over `at`, which is in seconds. What a sample does not know leaves a gap.
 *
 * @param {string} title
 * @param {readonly string[]} keys
 * @param {readonly (object & { at: number })[]} samples
 * @param {(sample: any) => boolean} [isDotted] samples that get a dot
 * @returns {string}
 */
export function panel(title, keys, samples, isDotted = () => false) {
  const last = samples.at(-1)?.at ?? 1;
  const most = Math.max(1, ...samples.flatMap((sample) => keys.map((key) => sample[key] ?? 0)));
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
    )
      .defined((sample) => sample[key] !== undefined)
      .digits(1);
    const dots = samples
      .filter(isDotted)
      .map(
        (s) =>
          `<circle cx="${x(s.at).toFixed(1)}" cy="${y(s[key]).toFixed(1)}" r="2.5" fill="${COLOURS[index]}"/>`,
      );
    return `<path d="${draw(samples) ?? ''}" fill="none" stroke="${COLOURS[index]}"/>${dots.join('')}`;
  });
  const names = keys.map((key, index) => `<span style="color:${COLOURS[index]}">${key}</span>`);
  return `<h2>${title}: ${names.join(', ')}</h2><svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${title}">${[...grid, ...times, ...curves].join('')}</svg>`;
}

/** @param {readonly (readonly unknown[])[]} rows @param {readonly string[]} [head] @returns {string} */
export function tableOf(rows, head) {
  const line = (cells, tag) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${head ? line(head, 'th') : ''}${rows.map((row) => line(row, 'td')).join('')}</table>`;
}

/** @param {unknown} value @returns {string} */
export function escaped(value) {
  return String(value).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
