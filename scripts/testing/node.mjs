// Test files of TypeScript, with the runner of Node.js.
import { pathToFileURL } from 'node:url';
import { run } from '../lib/lanes.mjs';
import { NEWEST, serverEnv } from '../lib/mediasoup-worker.mjs';
import { inProject } from '../lib/project.mjs';
import { filesIn } from './files.mjs';

/** Runs the test files of a folder, once. */
export async function nodeTests(
  program,
  folder,
  { pattern = /\.test\.ts$/, concurrency = 1, env = {} } = {},
) {
  const files = filesIn(folder, pattern);
  if (files.length === 0) throw new Error(`${folder}: no test found`);
  const limit = pathToFileURL(inProject('scripts/lib/test-limit.mjs')).href;
  const loaded = ['tsx', limit].flatMap((name) => ['--import', name]);
  const flags = ['--expose-gc', ...loaded, '--test', `--test-concurrency=${concurrency}`];
  await run(program, [...flags, '--test-reporter=spec', ...files], {
    ...serverEnv(NEWEST),
    ...env,
  });
}

/** Several files at a time: most of theirs is waiting for what is played in real time. */
export const IN_REAL_TIME = { concurrency: 2 };
