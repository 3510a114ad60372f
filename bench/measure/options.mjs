// The command line of the benchmark.
import { parseArgs } from 'node:util';

export class OptionError extends Error {
  name = 'OptionError';
}

const RUNS = { usual: 3, quick: 1, highest: 20 };

/**
 * @param {string[]} args
 * @param {{ cases: string[], peers: string[] }} known
 * @returns {{ help: boolean, cases: string[], peers: string[], runs: number, quick: boolean, write: boolean, json?: string }}
 */
export function readOptions(args, known) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        only: { type: 'string' },
        peers: { type: 'string' },
        runs: { type: 'string' },
        quick: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    }));
  } catch (error) {
    throw new OptionError(error.message, { cause: error });
  }
  const { help, quick, write, json } = values;
  if (quick && write) {
    throw new OptionError('--write: what --quick measures is not for the documents');
  }
  return {
    help,
    cases: chosen('only', values.only, known.cases),
    peers: values.peers === 'none' ? [] : chosen('peers', values.peers, known.peers),
    runs: runsOf(values.runs, quick),
    quick,
    write,
    ...(json !== undefined && { json }),
  };
}

function chosen(option, value, known) {
  if (value === undefined) return known;
  const names = value.split(',');
  for (const name of names) {
    if (!known.includes(name)) {
      throw new OptionError(`--${option}: expected some of ${known.join(', ')}, got ${name}`);
    }
  }
  return known.filter((name) => names.includes(name));
}

function runsOf(value, quick) {
  if (value === undefined) return quick ? RUNS.quick : RUNS.usual;
  const runs = Number(value);
  if (!Number.isInteger(runs) || runs < 1 || runs > RUNS.highest) {
    throw new OptionError(
      `--runs: expected a whole number from 1 to ${RUNS.highest}, got ${value}`,
    );
  }
  return runs;
}

/** @param {import('../cases/index.mjs').Case[]} cases @param {string[]} peers */
export const helpText = (cases, peers) => `Usage: npm run bench -- [options]

Measures what this package costs beside its peers, on this machine, and tells which targets are reached.

  --only=CASE,...   some cases only (below)
  --peers=PEER,...  some peers only, of ${peers.join(', ')}; or none
  --runs=N          runs of each case, 1 to ${RUNS.highest} (${RUNS.usual}; ${RUNS.quick} with --quick)
  --quick           a small part of each case: whether all works, not how fast
  --json=FILE       the results as JSON, too
  --write           the results into docs/benchmarks.md, its chart, and README.md

Cases:
${cases.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}`;
