// The demo's tables as lines of text, 78 columns wide.

const MEDIA = [
  { title: '', width: 9 },
  { title: '', width: 10 },
  { title: 'codec', width: 6 },
  { title: 'kbit/s', width: 9, right: true },
  { title: 'packets', width: 10, right: true },
  { title: 'lost', width: 8, right: true },
  { title: 'rtt ms', width: 8, right: true },
  { title: 'keyframes', width: 11, right: true },
];

const DATA = [
  { title: '', width: 9 },
  { title: '', width: 10 },
  { title: 'kind', width: 6 },
  { title: 'kbit/s', width: 9, right: true },
  { title: 'messages', width: 10, right: true },
  { title: 'lost', width: 8, right: true },
  { title: 'per s', width: 8, right: true },
  { title: 'median ms', width: 11, right: true },
];

/** @param {import('./measure.mjs').MediaRow[]} rows */
export function mediaTable(rows, screen, limit) {
  const cells = rows.map((row) => [
    row.way,
    row.name,
    row.codec,
    number(row.kbits, 1),
    number(row.packets),
    percent(row.lost, row.packets),
    number(row.rttMs, 2),
    row.kind === 'video' ? number(row.keyframes) : '',
  ]);
  return table(MEDIA, cells, screen, limit);
}

/** @param {import('./measure.mjs').DataRow[]} rows */
export function dataTable(rows, screen, limit) {
  const cells = rows.map((row) => [
    row.way,
    row.name,
    'data',
    number(row.kbits, 1),
    number(row.messages),
    row.lost === undefined ? '' : number(row.lost),
    number(row.perSecond),
    number(row.medianMs, 2),
  ]);
  return table(DATA, cells, screen, limit);
}

function table(columns, rows, screen, limit = Infinity) {
  const titles = columns.map(({ title }) => title);
  const lines = [screen.dim(line(columns, titles))];
  const shown = rows.length > limit ? rows.slice(0, Math.max(limit - 1, 0)) : rows;
  for (const row of shown) lines.push(line(columns, row));
  const hidden = rows.length - shown.length;
  if (hidden > 0) lines.push(screen.dim(`   and ${hidden} more`));
  return lines;
}

function line(columns, cells) {
  const text = columns.map(({ width, right }, index) => {
    const cell = cells[index].slice(0, width);
    return right ? cell.padStart(width) : cell.padEnd(width);
  });
  return `  ${text.join('')}`.trimEnd();
}

export function number(value, digits = 0) {
  if (value === undefined || Number.isNaN(value)) return '-';
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function percent(lost, packets) {
  if (lost === undefined) return '-';
  const all = lost + (packets ?? 0);
  return `${number(all > 0 ? (100 * lost) / all : 0, 1)}%`;
}
