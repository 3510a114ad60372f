// The project itself and what it is compared with, found, installed or built. Packages live in the cache: none of them
// is a dependency.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap } from '../../scripts/bootstrap.mjs';
import { artefactDir, buildArtefact, isComplete } from '../../scripts/lib/artefact.mjs';
import { hookedLibraryStep } from '../../scripts/lib/hooked-library.mjs';
import { run } from '../../scripts/lib/process.mjs';
import { inProject, keyOf, logDir, platformKey } from '../../scripts/lib/project.mjs';
import { StepError, runSteps } from '../../scripts/lib/steps.mjs';
import { clipStep } from './clip.mjs';

const PACKAGES = {
  'mediasoup-client': '3.24.1',
  'mediasoup-client-aiortc': '3.16.1',
  '@roamhq/wrtc': '0.10.0',
};

const PYTHON = '/usr/bin/python3';

const dir = artefactDir('bench-peers', keyOf([PACKAGES, platformKey, process.version]));

/** Folder that Node resolves the peers' packages from. */
export const peersDir = dir;

/** What the aiortc worker process needs to find Debian's aiortc and the module that Debian lacks. */
const aiortcEnvironment = {
  PYTHON,
  PYTHONPATH: inProject('bench', 'peers', 'python'),
};

/** The environment that a client's process needs beside this one's. */
export const environmentOf = (client) => (client === 'aiortc' ? aiortcEnvironment : {});

/** Path of a program of bench/peers. */
export const goProgram = (name) => inProject('build', 'bench', name);

/** What each peer is, in full and in targets, and what has to be there for it. */
export const PEERS = {
  aiortc: {
    title: `mediasoup-client-aiortc ${PACKAGES['mediasoup-client-aiortc']}`,
    short: 'aiortc',
    steps: () => [packagesStep(), pythonStep()],
  },
  wrtc: {
    title: `@roamhq/wrtc ${PACKAGES['@roamhq/wrtc']} under Chrome111`,
    short: 'wrtc',
    steps: () => [packagesStep()],
  },
  pion: { title: 'plain pion', short: 'pion', steps: () => [goStep('pion-data')] },
  limit: { title: 'the limit', short: 'limit', steps: () => [goStep('limit')] },
};

/**
 * Brings the project and those peers up to date. Resolves to the peers that can't be had: `{ name, why, cure }`.
 * @param {(keyof PEERS)[]} peers
 */
export async function setUp(peers) {
  await bootstrap({ for: 'demo' });
  // Of goroutines only the library of tests tells.
  await runSteps([hookedLibraryStep(), clipStep()]);
  const missing = [];
  for (const name of peers) {
    try {
      await runSteps(PEERS[name].steps());
    } catch (error) {
      missing.push({ name, why: error.message, cure: error.cure });
    }
  }
  return missing;
}

function packagesStep() {
  return {
    name: 'npm packages to compare with',
    expectedSeconds: 20,
    cure: 'check the network and the npm registry setting (npm config get registry)',
    current: () => isComplete(dir),
    async run() {
      await buildArtefact(dir, async (temporary) => {
        const manifest = { private: true, dependencies: PACKAGES };
        fs.writeFileSync(path.join(temporary, 'package.json'), JSON.stringify(manifest));
        await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
          cwd: temporary,
          log: path.join(logDir, 'bench-peers.log'),
        });
      });
    },
  };
}

function pythonStep() {
  const command = 'apt-get install -y --no-install-recommends python3-aiortc';
  return {
    name: 'aiortc (python3-aiortc)',
    expectedSeconds: 30,
    cure: `run this as root, then try again: ${command}`,
    current: () => spawnSync(PYTHON, ['-c', 'import aiortc']).status === 0,
    async run() {
      if (process.getuid() !== 0) throw new StepError('aiortc is not installed');
      const options = {
        log: path.join(logDir, 'bench-aiortc.log'),
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      };
      await run('apt-get', ['update'], options);
      await run(command.split(' ')[0], command.split(' ').slice(1), options);
    },
  };
}

function goStep(name) {
  const sources = inProject('bench', 'peers', name);
  const program = goProgram(name);
  return {
    name: `bench/peers/${name}`,
    expectedSeconds: 60,
    cure: 'see what go says',
    current() {
      const built = fs.statSync(program, { throwIfNoEntry: false });
      if (!built) return false;
      const inputs = fs.readdirSync(sources).map((file) => path.join(sources, file));
      return [...inputs, inProject('go.mod')].every(
        (file) => fs.statSync(file).mtimeMs < built.mtimeMs,
      );
    },
    async run() {
      await run('go', ['build', '-o', program, `./bench/peers/${name}`], {
        cwd: inProject(),
        env: { ...process.env, CGO_ENABLED: '0' },
        log: path.join(logDir, `bench-${name}.log`),
      });
    },
  };
}
