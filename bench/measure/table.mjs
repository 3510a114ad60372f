// A table of results, and whether a target was met.

/** @param {string[]} titles @param {(string | number)[][]} rows */
export function printTable(titles, rows) {
  const cells = [titles, ...rows.map((row) => row.map(String))];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const [index, row] of cells.entries()) {
    const text = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(text.join('   '));
    if (index === 0) console.log(widths.map((width) => '-'.repeat(width)).join('   '));
  }
}

/** Prints one line a target: `[what, met]`. */
export function printTargets(targets) {
  console.log('');
  for (const [what, met] of targets) console.log(`${met ? 'met    ' : 'NOT MET'}  ${what}`);
}

export function fixed(value, digits) {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
}
