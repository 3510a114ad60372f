// The results in the documents: the table and the chart of docs/benchmarks.md, and the few numbers of README.md. They are
// kept in bench/results.json, so that some cases can be measured anew.
import fs from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { inProject } from '../../scripts/lib/project.mjs';
import { chartOf, growthOf } from './chart.mjs';
import { describeMachine, tableOf } from './rows.mjs';

const RESULTS = 'bench/results.json';
const ALL = 'docs/benchmarks.md';
const CHART = 'docs/images/bench.svg';
const SHORT = 'README.md';

/** What README.md shows: keys of rows, by case. */
const IN_SHORT = {
  startup: ['firstPacketMs'],
  transcoded: ['megabytes', 'percent'],
  bots: ['cpu200', 'mbEach'],
  data: ['perSecond1024', 'medianMs'],
  reading: ['onTop'],
  'sound-delay': ['medianMs'],
  recording: ['onTop'],
};

const BLOCK = /(?<=<!-- bench: begin -->\n)[^]*?(?=<!-- bench: end -->)/;

/** Puts `results` beside those of the cases that were not measured now, and both into the documents. */
export async function writeDocuments(results) {
  const kept = together(results, readResults());
  const texts = { [RESULTS]: JSON.stringify(kept), ...(await documentsOf(kept)) };
  for (const [file, text] of Object.entries(texts)) {
    fs.writeFileSync(inProject(file), await formatted(file, text));
  }
}

/**
 * What is in the documents, or undefined before the first time.
 * @returns {{ machine: object, cases: Record<string, object> } | undefined}
 */
export function readResults() {
  const file = inProject(RESULTS);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

/**
 * The text of each document, with `results` in it.
 * @returns {Promise<Record<string, string>>}
 */
export async function documentsOf(results) {
  const { machine, cases } = results;
  const dates = [...new Set(Object.values(cases).map(({ date }) => date))].sort();
  const runs = [...new Set(Object.values(cases).map((each) => each.runs))].sort();
  const loads = Object.values(cases).map(({ load }) => load);
  const said = `${describeMachine({ ...machine, load: loads })}. Measured on ${dates.join(', ')}: medians of ${runs.join(' or ')} runs, and their spread.`;
  const texts = {
    [ALL]: await withBlock(ALL, `${markdownTable(tableOf(cases))}\n\n${said}`),
    [SHORT]: await withBlock(SHORT, markdownTable(tableOf(inShort(cases), { short: true }))),
  };
  if (cases.bots) texts[CHART] = chartOf(growthOf(cases.bots));
  return texts;
}

/** Numbers of different machines do not stand in one table. */
function together(results, before) {
  const same = ['processor', 'kernel', 'node'].every(
    (what) => before?.machine[what] === results.machine[what],
  );
  return {
    machine: results.machine,
    cases: { ...(same && before.cases), ...results.cases },
  };
}

function inShort(cases) {
  return Object.fromEntries(
    Object.entries(IN_SHORT)
      .filter(([name]) => cases[name])
      .map(([name, keys]) => [
        name,
        { rows: cases[name].rows.filter(({ key }) => keys.includes(key)) },
      ]),
  );
}

async function withBlock(file, block) {
  const text = fs.readFileSync(inProject(file), 'utf8');
  if (!BLOCK.test(text)) throw new Error(`${file}: there is no place for the table`);
  return formatted(
    file,
    text.replace(BLOCK, () => `\n${block}\n\n`),
  );
}

function markdownTable([titles, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = titles.map((_, column) => (column === 0 ? '---' : '--:'));
  return [titles, rule, ...rows].map(line).join('\n');
}

async function formatted(file, text) {
  if (path.extname(file) === '.svg') return text;
  const options = await prettier.resolveConfig(inProject(file));
  return prettier.format(text, { ...options, filepath: file });
}
