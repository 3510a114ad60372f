#!/usr/bin/env node
// npm run soak -- --minutes N: a random life of bots against a real server. npm run soak -- --help tells more.
import { spawnSync } from 'node:child_process';
import { bootstrap } from './bootstrap.mjs';
import { NEWEST, serverEnv } from './lib/mediasoup-worker.mjs';
import { inProject, root } from './lib/project.mjs';
import { printFailure } from './lib/steps.mjs';

const HELP = `Usage: npm run soak -- [--minutes N] [--seed S] [--bots N] [--report FOLDER]

A random life of bots against a real server, compared with a model; ends with nothing left. Its choices are those of the seed.

  --minutes N      how long, 2 unless told otherwise
  --seed S         of all choices; a new one unless told otherwise
  --bots N         at a time, 4 unless told otherwise
  --report FOLDER  where soak.json and soak.html go, build/soak unless told otherwise`;

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return;
  }
  await bootstrap({ for: 'test' });
  const { status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', inProject('test/soak/run.ts'), ...args],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...serverEnv(NEWEST) },
    },
  );
  process.exitCode = status ?? 1;
}

main(process.argv.slice(2)).catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
