#!/usr/bin/env node
// Runs a go command with the environment that the project builds in: node scripts/go.mjs test ./internal/...
import { spawnSync } from 'node:child_process';
import { depsPrefix } from './lib/c-libraries.mjs';
import { goEnv } from './lib/go-env.mjs';

if (!depsPrefix()) {
  console.error('The C libraries are not built yet: node scripts/bootstrap.mjs');
  process.exit(1);
}
const { status, error } = spawnSync('go', process.argv.slice(2), {
  env: goEnv(),
  stdio: 'inherit',
});
if (error) console.error(`go: ${error.message}`);
process.exitCode = status ?? 1;
