// The chart: processor time and memory against bots. An SVG of its own colours, light and dark, that needs no script.
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

const WIDTH = 920;
const HEIGHT = 400;
const PANEL = { top: 64, bottom: 340, width: 350 };
const LEFTS = [76, 526];

const STYLE = `
    .card { fill: #ffffff; stroke: #d0d7de; }
    .name { fill: #1f2328; font-size: 16px; font-weight: 600; }
    .what { fill: #424a53; font-size: 12px; }
    .grid { stroke: #d0d7de; fill: none; stroke-width: 1; }
    .ours { stroke: #0b7c94; fill: none; stroke-width: 2.5; }
    .limit { stroke: #bf8700; fill: none; stroke-width: 2; }
    .straight { stroke: #57606a; fill: none; stroke-width: 1.2; stroke-dasharray: 5 4; }
    .point { fill: #0b7c94; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d; }
      .name { fill: #f0f6fc; }
      .what { fill: #c5ccd3; }
      .grid { stroke: #3d444d; }
      .ours { stroke: #39c5dd; }
      .limit { stroke: #d29922; }
      .straight { stroke: #9198a1; }
      .point { fill: #39c5dd; }
    }`;

/**
 * @typedef {{ bots: number, median: number, lowest: number, highest: number }} Point
 * @typedef {{ cpu: Point[], limit: Point[], memory: Point[] }} Growth
 */

/**
 * The points of the case of bots, by what they are of.
 * @param {{ rows: import('../measure/judge.mjs').Judged[] }} results
 * @returns {Growth}
 */
export function growthOf({ rows }) {
  const points = (prefix, client) =>
    rows.flatMap(({ key, clients }) => {
      const [, bots] = new RegExp(`^${prefix}(\\d+)$`).exec(key) ?? [];
      return bots && clients[client] ? [{ bots: Number(bots), ...clients[client] }] : [];
    });
  return {
    cpu: points('cpu', 'ours'),
    limit: points('cpu', 'limit'),
    memory: points('mb', 'ours'),
  };
}

/** @param {Growth} growth @returns {string} */
export function chartOf({ cpu, limit, memory }) {
  const last = cpu.at(-1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title description" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">
  <title id="title">Processor time and memory against bots</title>
  <desc id="description">${last.bots} bots that pass a clip through take ${last.median.toFixed(0)}% of a core and ${memory.at(-1).median.toFixed(0)} MB. Both are drawn against the number of bots, with a straight line from the first point to the last one${limit.length > 0 ? ', and with the processor time of the limit' : ''}.</desc>
  <style>${STYLE}
  </style>
  <rect class="card" x="1" y="1" width="${WIDTH - 2}" height="${HEIGHT - 2}" rx="12"/>
${panel(LEFTS[0], 'Processor time, % of a core', cpu, limit)}
${panel(LEFTS[1], 'Resident memory, MB', memory)}
${legend(limit.length > 0)}
</svg>
`;
}

function panel(left, title, points, limit = []) {
  const most = Math.max(...[...points, ...limit].map(({ highest }) => highest));
  const x = scaleLinear([0, points.at(-1).bots], [left, left + PANEL.width]);
  const y = scaleLinear([0, most], [PANEL.bottom, PANEL.top]).nice(5);
  const draw = line(
    ({ bots }) => x(bots),
    ({ median }) => y(median),
  ).digits(1);
  const right = left + PANEL.width;
  const at = (value) => value.toFixed(1);
  return [
    `  <text class="name" x="${left}" y="40">${title}</text>`,
    ...y
      .ticks(5)
      .flatMap((value) => [
        `  <path class="grid" d="M${left} ${at(y(value))}H${right}"/>`,
        `  <text class="what" x="${left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${value}</text>`,
      ]),
    ...x
      .ticks(5)
      .map(
        (value) =>
          `  <text class="what" x="${at(x(value))}" y="${PANEL.bottom + 20}" text-anchor="middle">${value}</text>`,
      ),
    `  <text class="what" x="${right}" y="${PANEL.bottom + 36}" text-anchor="end">bots</text>`,
    `  <path class="straight" d="${draw([points[0], points.at(-1)])}"/>`,
    ...(limit.length > 0 ? [`  <path class="limit" d="${draw(limit)}"/>`] : []),
    `  <path class="ours" d="${draw(points)}"/>`,
    ...points.flatMap(({ bots, median, lowest, highest }) => [
      `  <path class="ours" d="M${at(x(bots))} ${at(y(lowest))}V${at(y(highest))}"/>`,
      `  <circle class="point" cx="${at(x(bots))}" cy="${at(y(median))}" r="3.5"/>`,
    ]),
  ].join('\n');
}

function legend(withLimit) {
  const entries = [
    ['ours', 'this package: medians, and the spread of the runs'],
    ...(withLimit ? [['limit', 'the limit']] : []),
    ['straight', 'a straight line'],
  ];
  const places = [76, 420, 526];
  return entries
    .map(([kind, text], index) => {
      const left = index === entries.length - 1 ? places[2] : places[index];
      return `  <path class="${kind}" d="M${left} 380h24"/><text class="what" x="${left + 30}" y="384">${text}</text>`;
    })
    .join('\n');
}
