// The results as rows of text: the same in the terminal and in the documents.
import { PEERS } from '../peers/setup.mjs';

const titles = {
  ours: 'this package',
  ...Object.fromEntries(Object.entries(PEERS).map(([name, { title }]) => [name, title])),
};

/**
 * The table, its titles first. Columns and rows of nothing are left out, and what only the chart shows; with `short`
 * spreads and targets, too.
 */
export function tableOf(cases, { short = false } = {}) {
  const rows = Object.values(cases)
    .flatMap((each) => each.rows)
    .filter((row) => !row.inChart && Object.keys(row.clients).length > 0);
  const clients = Object.keys(titles).filter((client) => rows.some((row) => row.clients[client]));
  if (short) {
    return [
      ['', ...clients.map((client) => titles[client])],
      ...rows.map((row) => [
        titleOf(row),
        ...clients.map((client) => (row.clients[client] ? medianOf(row, client) : '')),
      ]),
    ];
  }
  return [
    ['', ...clients.map((client) => titles[client]), 'ratio', 'target', 'met'],
    ...rows.map((row) => [
      titleOf(row),
      ...clients.map((client) => cellOf(row, client)),
      row.ratio ? spreadOf(row.ratio, 2) : '',
      targetOf(row),
      row.met === undefined ? '' : row.met ? 'yes' : 'no',
    ]),
  ];
}

/** What a row measures, and in what. */
const titleOf = ({ what, unit }) => (unit ? `${what}, ${unit}` : what);

/** What one client measured; nothing if it didn't. */
const cellOf = (row, client) =>
  row.clients[client] ? spreadOf(row.clients[client], row.digits) : '';

const medianOf = ({ clients, digits }, client) => numberOf(clients[client].median, digits);

/** `12.3 (11.9–13.0)`: the median, and the spread where there is one. */
function spreadOf({ median, lowest, highest }, digits) {
  const [middle, low, high] = [median, lowest, highest].map((value) => numberOf(value, digits));
  return low === high ? middle : `${middle} (${low}–${high})`;
}

/** `≤ 2 × limit`, `≥ 500`. */
function targetOf({ reach, unit }) {
  if (!reach) return '';
  const { atMost, atLeast, of } = reach;
  const bound = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  if (of) return `${bound} × ${PEERS[of].short}`;
  return unit ? `${bound} ${unit}` : bound;
}

const numberOf = (value, digits) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** `load` is what it was before it, or before each case. */
export function describeMachine({ processor, memoryGB, kernel, node, pinned, load }) {
  const loads = [load].flat();
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map((each) => each.toFixed(2));
  const cores = pinned ? 'what is measured had a core of its own' : 'one core for all';
  return `${processor}, ${memoryGB} GB; ${kernel}; Node.js ${node}; ${cores}; load before it ${least === most ? least : `${least} to ${most}`}`;
}
