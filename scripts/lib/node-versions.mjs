// The Node.js versions that the end-to-end tests run on, as programs from npm packages.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { run } from './process.mjs';
import { keyOf, logDir } from './project.mjs';

const OTHERS = { 22: '22.23.3', 24: '24.21.0' };

const packageName = (arch) => `node-${process.platform}-${arch}`;

const dirOf = (version, arch) =>
  artefactDir(`node-${version}`, keyOf([packageName(arch), version]));

const programOf = (version, arch = process.arch) =>
  path.join(dirOf(version, arch), 'node_modules', packageName(arch), 'bin', 'node');

/** Every version that tests run on: the one that runs this, and the others, as `[{ major, program }]`. */
export function nodePrograms() {
  const own = Number(process.versions.node.split('.')[0]);
  const others = Object.entries(OTHERS)
    .filter(([major]) => Number(major) !== own)
    .map(([major, version]) => ({ major: Number(major), program: programOf(version) }));
  return [{ major: own, program: process.execPath }, ...others];
}

/** Node.js 22 for another processor, which an emulator runs. */
export const foreignNode = (arch) => programOf(OTHERS[22], arch);

export const nodeVersionsStep = () => stepFor('Node.js 22 and 24', Object.values(OTHERS));

export const foreignNodeStep = (arch) => stepFor(`Node.js 22 for ${arch}`, [OTHERS[22]], arch);

function stepFor(name, versions, arch = process.arch) {
  const missing = () => versions.filter((version) => !isComplete(dirOf(version, arch)));
  return {
    name,
    expectedSeconds: 10 * versions.length,
    cure: 'check the network and the npm registry setting (npm config get registry), then run this again',
    current: () => missing().length === 0,
    async run(progress) {
      const log = path.join(logDir, 'node-versions.log');
      fs.rmSync(log, { force: true });
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
      for (const version of missing()) {
        progress.update(version);
        // npm refuses what doesn't run here, unless it has to.
        const isForeign = arch !== process.arch;
        const wanted = [...(isForeign ? ['--force'] : []), `${packageName(arch)}@${version}`];
        await buildArtefact(dirOf(version, arch), (temporary) =>
          run('npm', ['install', '--prefix', temporary, ...options, ...wanted], {
            cwd: temporary,
            log,
          }),
        );
      }
    },
  };
}
