#!/usr/bin/env node
// Gets and builds whatever is missing between a fresh clone and a running demo or test. Needs Node and nothing else.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addonStep } from './lib/addon.mjs';
import { packagesStep } from './lib/apt.mjs';
import { cLibrariesStep } from './lib/c-libraries.mjs';
import { fixturesStep } from './lib/fixtures.mjs';
import { goLibraryStep } from './lib/go-library.mjs';
import { hookedLibraryStep } from './lib/hooked-library.mjs';
import { mediasoupWorkerStep, NEWEST, OLDEST } from './lib/mediasoup-worker.mjs';
import { nodeVersionsStep } from './lib/node-versions.mjs';
import { npmStep } from './lib/npm.mjs';
import { duration, printFailure, runSteps } from './lib/steps.mjs';
import { toolchainStep } from './lib/toolchain.mjs';
import { typescriptStep } from './lib/typescript.mjs';

const PURPOSES = ['build', 'demo', 'test'];

const HELP = `Usage: node scripts/bootstrap.mjs [--for=build|demo|test] [--quiet]

Gets and builds what is missing, each step only if it isn't up to date:
  build  system packages, npm packages, C libraries, Go library, addon, TypeScript
  demo   that, and the mediasoup worker and sample media
  test   that, a Go library with hooks for tests, the oldest mediasoup worker, and what else the tests need

The default is build.

Environment:
  MEDIASOUP_CLIENT_PION_CACHE    folder of built things, default ~/.cache/mediasoup-client-pion
  MEDIASOUP_CLIENT_PION_SOURCES  folder with source tarballs, for machines without a network
  MEDIASOUP_WORKER_BIN           a mediasoup-worker to use instead of building one`;

/**
 * Brings the project up to date for a purpose. Resolves to the number of steps that had something to do, rejects
 * with a StepError (see printFailure).
 */
export function bootstrap({ for: purpose = 'build', quiet = false } = {}) {
  if (!PURPOSES.includes(purpose)) {
    throw new TypeError(`for: expected ${PURPOSES.join(', ')}, got ${purpose}`);
  }
  const steps = [
    toolchainStep(),
    packagesStep(purpose),
    npmStep(),
    cLibrariesStep(),
    goLibraryStep(),
    addonStep(),
    typescriptStep(),
  ];
  if (purpose !== 'build') steps.push(mediasoupWorkerStep(NEWEST), fixturesStep());
  if (purpose === 'test') {
    steps.push(hookedLibraryStep(), mediasoupWorkerStep(OLDEST), nodeVersionsStep());
  }
  return runSteps(steps, { quiet });
}

async function main() {
  const { values } = parseArgs({
    options: {
      for: { type: 'string', default: 'build' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const started = Date.now();
  const done = await bootstrap(values);
  if (!values.quiet) {
    const what = done === 0 ? 'Everything is up to date' : 'Set-up is complete';
    console.log(`${what} (${duration(Date.now() - started)}).`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    printFailure(error);
    process.exitCode = 1;
  });
}
