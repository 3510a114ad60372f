#!/usr/bin/env node
// npm run soak -- --minutes N: a random life of bots against a real server. npm run soak -- --help tells more.
import { spawnSync } from 'node:child_process';
import { bootstrap } from './bootstrap.mjs';
import { NEWEST, serverEnv } from './lib/mediasoup-worker.mjs';
import { inProject, root } from './lib/project.mjs';
import { printFailure } from './lib/steps.mjs';

const args = process.argv.slice(2);
try {
  if (!args.includes('--help')) await bootstrap({ for: 'test' });
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
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
