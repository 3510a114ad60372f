#!/usr/bin/env node
// npm run soak -- --minutes N: a random life of bots against a real server. npm run soak -- --help tells more.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
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

/** V8 keeps memory as it happens to be used: a young generation of some tens of MB, and code that it compiles, anew, and drops. */
const V8 = [
  ...['--expose-gc', '--single-threaded-gc', '--min-semi-space-size=1', '--max-semi-space-size=1'],
  ...['--no-opt', '--no-sparkplug', '--no-flush-bytecode'],
];

/** What modules ask for their own place of. */
const placed = {
  name: 'own places',
  setup({ onLoad }) {
    onLoad({ filter: /\.(?:ts|mjs)$/ }, async ({ path }) => {
      const text = await fs.promises.readFile(path, 'utf8');
      const place = JSON.stringify(pathToFileURL(path).href);
      const loader = path.endsWith('.ts') ? 'ts' : 'js';
      return { contents: text.replaceAll('import.meta.url', place), loader };
    });
  },
};

/**
 * As one file of JavaScript: who compiles TypeScript as it is loaded stays in the process, with a thread whose memory no one can have
 * collected, and which was most of what resident memory grew by.
 */
async function compile() {
  // Not before the bootstrap: it may be what installs it.
  const { build } = await import('esbuild');
  const outfile = inProject('build/soak.mjs');
  await build({
    ...{ entryPoints: [inProject('test/soak/run.ts')], outfile, plugins: [placed] },
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
    logLevel: 'warning',
  });
  return outfile;
}

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return;
  }
  await bootstrap({ for: 'test' });
  const { status } = spawnSync(process.execPath, [...V8, await compile(), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      // Which pages each of several arenas keeps is chance, of some MB; how many there are in an app: src/arenas.h.
      MALLOC_ARENA_MAX: '1',
      // Each thread keeps up to seven pieces of each size for itself, which malloc takes for used ones: for an hour they become more.
      GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0',
      ...process.env,
      ...serverEnv(NEWEST),
    },
  });
  process.exitCode = status ?? 1;
}

main(process.argv.slice(2)).catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
