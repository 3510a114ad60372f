// Results as a table of Markdown.

const COLUMNS = [
  'target',
  'package',
  'minutes',
  'executions',
  'interesting',
  'corpus',
  'kept',
  'finding',
];

export function table(results) {
  const rows = [COLUMNS, COLUMNS.map(() => '---')];
  for (const result of results) rows.push(COLUMNS.map((name) => String(result[name] ?? '-')));
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`)
    .join('\n');
}
