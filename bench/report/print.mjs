// The results, for who ran the benchmark.
import { PEERS } from '../peers/setup.mjs';
import { describeMachine, tableOf } from './rows.mjs';

export function printResults({ machine, missing, cases }) {
  console.log(`\n${describeMachine(machine)}\n`);
  printTable(tableOf(cases));
  const rows = Object.values(cases).flatMap((each) => each.rows);
  const judged = rows.filter(({ met }) => met !== undefined);
  const met = judged.filter((row) => row.met);
  console.log(`\n${met.length} of ${judged.length} targets are met.`);
  for (const { what } of judged.filter((row) => !row.met)) console.log(`NOT MET  ${what}`);
  for (const { what } of rows.filter((row) => row.reach && row.met === undefined)) {
    console.log(`not measured  ${what}`);
  }
  for (const { name, why, cure } of missing) {
    console.log(`\n${PEERS[name].title} is not here: ${why}${cure ? `\n    ${cure}` : ''}`);
  }
  for (const failure of Object.values(cases).flatMap((each) => each.failures)) {
    console.error(`FAILED  ${failure}`);
  }
}

/** @param {string[][]} cells the titles first */
function printTable(cells) {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const [index, row] of cells.entries()) {
    const text = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(text.join('   ').trimEnd());
    if (index === 0) console.log(widths.map((width) => '-'.repeat(width)).join('   '));
  }
}
