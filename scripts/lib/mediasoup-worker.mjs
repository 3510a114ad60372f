// The real media servers of demo and tests: their workers, found, or built from the npm packages' own sources.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, isComplete } from './artefact.mjs';
import { buildWorker, recipeFiles } from './mediasoup-worker-build.mjs';
import { inProject, keyOf, platformKey } from './project.mjs';
import { StepError } from './steps.mjs';
import { compilerId } from './target.mjs';

// Raised when the way of building changes.
const RECIPE = 2;

const BINARY = 'mediasoup-worker';

/** The newest server: demo and tests run on it. */
export const NEWEST = 'mediasoup';

/** The oldest server that is promised, under its name in package.json: the end-to-end tests run on it as well. */
export const OLDEST = 'mediasoup-oldest';

/** The npm package of the server that this process is to use. */
export const serverPackage = () => process.env.MEDIASOUP_SERVER || NEWEST;

const packageDir = (name) => inProject('node_modules', name);

/** The version of a server; undefined where it isn't installed. */
export function serverVersion(name = serverPackage()) {
  try {
    // From the file: newer versions don't export it.
    const file = path.join(packageDir(name), 'package.json');
    return JSON.parse(fs.readFileSync(file, 'utf8')).version;
  } catch {
    return undefined;
  }
}

function cachedDir(name) {
  const version = serverVersion(name);
  if (!version) return undefined;
  const compiler = compilerId(process.env.CXX || 'g++');
  const key = keyOf([RECIPE, version, compiler, platformKey, recipeFiles()]);
  return artefactDir(`mediasoup-worker-${version}`, key);
}

/**
 * Path of the worker of a server: the one that MEDIASOUP_WORKER_BIN names, if it is the server of this process, else
 * the one that mediasoup's own install left, else the one built here. Undefined if there is none.
 */
export function workerBin(name = serverPackage()) {
  const named = process.env.MEDIASOUP_WORKER_BIN;
  if (named && name === serverPackage()) return named;
  const own = path.join(packageDir(name), 'worker', 'out', 'Release', BINARY);
  if (fs.existsSync(own)) return own;
  const dir = cachedDir(name);
  return dir && isComplete(dir) ? path.join(dir, BINARY) : undefined;
}

/** What makes a child process use a server. */
export const serverEnv = (name) => ({
  MEDIASOUP_SERVER: name,
  MEDIASOUP_WORKER_BIN: workerBin(name),
});

export function mediasoupWorkerStep(name) {
  return {
    name:
      name === NEWEST
        ? 'mediasoup worker (the real server of demo and tests)'
        : 'oldest mediasoup worker (another server of tests)',
    expectedSeconds: 250,
    cure:
      name === serverPackage()
        ? 'see the log; or name a working mediasoup-worker of that version in MEDIASOUP_WORKER_BIN'
        : 'see the log',
    current() {
      const named = process.env.MEDIASOUP_WORKER_BIN;
      if (named && !fs.existsSync(named)) {
        throw new StepError(`MEDIASOUP_WORKER_BIN is ${named}, which does not exist`, {
          cure: 'correct MEDIASOUP_WORKER_BIN or unset it',
        });
      }
      return workerBin(name) !== undefined;
    },
    async run(progress) {
      const sources = path.join(packageDir(name), 'worker');
      if (!fs.existsSync(path.join(sources, 'meson.build'))) {
        throw new StepError(`no mediasoup sources in ${sources}`, {
          cure: `list ${name} in devDependencies and run this again`,
        });
      }
      await buildWorker(sources, cachedDir(name), progress);
    },
  };
}
