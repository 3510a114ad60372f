#!/usr/bin/env node
// npm run fuzz: runs Go's fuzz targets, each for some minutes. npm run fuzz -- --help tells more.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { keepCorpus } from './fuzz/corpus.mjs';
import { buildTarget, findTargets } from './fuzz/targets.mjs';
import { fuzz } from './fuzz/run.mjs';
import { table } from './fuzz/table.mjs';
import { goEnv } from './lib/go-env.mjs';
import { inProject, root } from './lib/project.mjs';
import { printFailure } from './lib/steps.mjs';

const RESULTS = inProject('build/fuzz.json');
const FAILED_FILES = inProject('build/fuzz/files');

const HELP = `Usage: npm run fuzz -- [--minutes N] [--only NAME,...] [--parallel N] [--keep]
       npm run fuzz -- --files [--count N] [--seed N]

Runs each of Go's fuzz targets for a while, in bounded memory. An input that fails is kept in testdata/fuzz of its package.

  --minutes N     for each target (10)
  --only NAME     targets whose name has this in it
  --parallel N    so many targets at a time, each on one thread (the number of processors)
  --keep          what was found goes to testdata/fuzz too: the smallest inputs that reach more code than those before

Writes ${path.relative(inProject(), RESULTS)}.

  --files         plays mutated media files instead, each in bounded time and memory; what fails is kept in ${path.relative(inProject(), FAILED_FILES)}
  --count N       so many (5000)
  --seed N        other ones (1)`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      parallel: { type: 'string', default: String(os.availableParallelism()) },
      keep: { type: 'boolean', default: false },
      files: { type: 'boolean', default: false },
      count: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 600)) {
    throw new TypeError(`--minutes: expected up to 600, got ${values.minutes}`);
  }
  for (const name of ['parallel', 'count', 'seed']) {
    if (!/^[1-9]\d{0,6}$/.test(values[name])) {
      throw new TypeError(`--${name}: expected a whole number, got ${values[name]}`);
    }
  }
  return { ...values, minutes, parallel: Number(values.parallel), only: values.only.split(',') };
}

function playMutatedFiles({ count, seed }) {
  const { status } = spawnSync(
    'go',
    ['test', '-count=1', '-timeout=6h', '-run=MutatedFiles', './internal/source/play'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...goEnv(), MUTATED_FILES: count, MUTATED_SEED: seed, MUTATED_KEPT: FAILED_FILES },
    },
  );
  process.exitCode = status ?? 1;
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return;
  }
  // The files are made by Debian's ffmpeg, which the demo needs too.
  await bootstrap({ for: options.files ? 'demo' : 'build' });
  if (options.files) {
    playMutatedFiles(options);
    return;
  }
  const targets = findTargets().filter(({ name }) =>
    options.only.some((part) => name.includes(part)),
  );
  if (targets.length === 0) throw new TypeError(`--only: no target is named ${options.only}`);
  const results = [];
  const waiting = [...targets];
  async function work() {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      const program = await buildTarget(target);
      const result = await fuzz(target, program, options.minutes);
      if (options.keep) result.kept = await keepCorpus(target);
      console.log(
        `${target.name}: ${result.executions} executions, ${result.finding ?? 'nothing found'}`,
      );
      results.push(result);
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, work));
  results.sort((a, b) => a.target.localeCompare(b.target));
  fs.mkdirSync(path.dirname(RESULTS), { recursive: true });
  fs.writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`\n${table(results)}`);
  if (results.some(({ finding }) => finding)) process.exitCode = 1;
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
