#!/usr/bin/env node
// npm test: gets and builds what is missing, then runs every test. npm test -- --help tells more.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { runLanes } from './lib/lanes.mjs';
import { platformKey } from './lib/project.mjs';
import { duration, printFailure } from './lib/steps.mjs';
import { makeCLibraries } from './package.mjs';
import { failuresOf } from './testing/failures.mjs';
import { ALL, hasPackage, LONG, SECTIONS } from './testing/sections.mjs';

/** Lanes that play side by side, where there are processors: most of what plays in real time is waiting. The rest computes. */
const LANES = [
  'e2e oldest browser sources network load leak life panics asan packages'.split(' '),
  'soak nodes smoke unit go'.split(' '),
];

/** What is wanted, as `runLanes` takes it: what is in no lane, as the long sections, has one of its own. */
function plan(names) {
  const sections = names.map((name) => ({ name, ...ALL[name] }));
  const playing = sections.filter((section) => section.run);
  const lanes = LANES.map((lane) =>
    lane.flatMap((name) => playing.filter((section) => section.name === name)),
  );
  const others = playing.filter(({ name }) => !LANES.flat().includes(name));
  const computing = sections.filter((section) => section.compute);
  return {
    // First what is waited for.
    computing: [...computing.filter(({ run }) => run), ...computing.filter(({ run }) => !run)],
    lanes: [...lanes, others],
    isSideBySide: os.availableParallelism() > 1,
  };
}

/** The section packages plays sources too, with the code that users get. */
const isPlayedOnce = (name) => name !== 'sources' || !hasPackage;

const HELP = `Usage: npm test [-- --only=SECTION,...]

Gets and builds what is missing, then runs every test but the last ${Object.keys(LONG).length} sections (22 minutes on two
quiet cores where all is built). What plays in real time runs in two lanes, and what computes beside them, in what they leave.

Sections:
${Object.entries(ALL)
  .map(([name, { about }]) => `  ${name.padEnd(15)} ${about}`)
  .join('\n')}`;

async function main() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const wanted = values.only ? values.only.split(',') : Object.keys(SECTIONS).filter(isPlayedOnce);
  for (const name of wanted) {
    if (!Object.hasOwn(ALL, name)) {
      throw new TypeError(
        `--only: expected ${Object.keys(ALL).join(', ')}, got ${JSON.stringify(name)}`,
      );
    }
  }
  // First, so that all is built with the libraries of the package: they need not be compiled a second time. What fails here
  // fails again in the section, which counts. Not in CI: that a fresh clone compiles its own is to be seen there.
  if (hasPackage && wanted.includes('packages') && !process.env.CI) {
    await makeCLibraries(platformKey).catch(printFailure);
  }
  await bootstrap({ for: 'test' });

  const started = Date.now();
  const results = await runLanes(plan(wanted));
  console.log('');
  for (const { name, ms, failed } of results) {
    console.log(`  ${name.padEnd(15)} ${failed ? 'FAILED' : 'passed'}  ${duration(ms)}`);
  }
  const failed = results.filter((result) => result.failed).map(({ name }) => name);
  const time = duration(Date.now() - started);
  console.log(`\n${results.length - failed.length} passed, ${failed.length} failed, ${time}`);
  if (failed.length > 0) {
    for (const line of ['', ...failuresOf(results)]) console.error(line);
    console.error(`failed: ${failed.join(', ')}; again: npm test -- --only=${failed.join(',')}`);
    process.exitCode = 1;
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
