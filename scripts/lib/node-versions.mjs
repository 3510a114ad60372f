// The Node.js versions that the end-to-end tests run on, as programs from npm packages.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { run } from './process.mjs';
import { keyOf, logDir } from './project.mjs';

const OTHERS = { 22: '22.23.3', 24: '24.21.0' };

const packageName = `node-${process.platform}-${process.arch}`;

const dirOf = (version) => artefactDir(`node-${version}`, keyOf([packageName, version]));

const programOf = (version) =>
  path.join(dirOf(version), 'node_modules', packageName, 'bin', 'node');

/** Every version that tests run on: the one that runs this, and the others, as `[{ major, program }]`. */
export function nodePrograms() {
  const own = Number(process.versions.node.split('.')[0]);
  const others = Object.entries(OTHERS)
    .filter(([major]) => Number(major) !== own)
    .map(([major, version]) => ({ major: Number(major), program: programOf(version) }));
  return [{ major: own, program: process.execPath }, ...others];
}

export function nodeVersionsStep() {
  return {
    name: 'Node.js 22 and 24',
    expectedSeconds: 20,
    cure: 'check the network and the npm registry setting (npm config get registry), then run this again',
    current: () => Object.values(OTHERS).every((version) => isComplete(dirOf(version))),
    async run(progress) {
      const log = path.join(logDir, 'node-versions.log');
      fs.rmSync(log, { force: true });
      for (const version of Object.values(OTHERS)) {
        if (isComplete(dirOf(version))) continue;
        progress.update(version);
        await buildArtefact(dirOf(version), (temporary) =>
          run(
            'npm',
            [
              'install',
              '--prefix',
              temporary,
              '--ignore-scripts',
              '--no-audit',
              '--no-fund',
              '--no-package-lock',
              `${packageName}@${version}`,
            ],
            { cwd: temporary, log },
          ),
        );
      }
    },
  };
}
