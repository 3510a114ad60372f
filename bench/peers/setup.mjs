// Gets the packages that this one is measured against, into the cache: none of them is a dependency.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap } from '../../scripts/bootstrap.mjs';
import { artefactDir, buildArtefact, isComplete } from '../../scripts/lib/artefact.mjs';
import { run } from '../../scripts/lib/process.mjs';
import { inProject, keyOf, logDir, platformKey } from '../../scripts/lib/project.mjs';
import { StepError, runSteps } from '../../scripts/lib/steps.mjs';

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
export const aiortcEnvironment = {
  PYTHON,
  PYTHONPATH: inProject('bench', 'peers', 'python'),
};

/** Brings the project itself and the peers up to date. `pion` is the program of bench/peers/pion-data. */
export async function setUp({ packages = true, python = false, pion = false } = {}) {
  await bootstrap({ for: 'demo' });
  await runSteps([
    ...(packages ? [packagesStep()] : []),
    ...(python ? [pythonStep()] : []),
    ...(pion ? [pionStep()] : []),
  ]);
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
    cure: `run this as root, then try again:\n    ${command}`,
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

const pionSources = inProject('bench', 'peers', 'pion-data');

export const pionProgram = inProject('build', 'bench', 'pion-data');

function pionStep() {
  const inputs = fs.readdirSync(pionSources).map((name) => path.join(pionSources, name));
  const newest = Math.max(
    ...[...inputs, inProject('go.mod')].map((file) => fs.statSync(file).mtimeMs),
  );
  return {
    name: 'plain pion program',
    expectedSeconds: 60,
    cure: 'see what go says',
    current: () => (fs.statSync(pionProgram, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest,
    async run() {
      await run('go', ['build', '-o', pionProgram, './bench/peers/pion-data'], {
        cwd: inProject(),
        env: { ...process.env, CGO_ENABLED: '0' },
        log: path.join(logDir, 'bench-pion.log'),
      });
    },
  };
}
