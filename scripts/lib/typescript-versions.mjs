// The TypeScript compilers that the published types are tried with, besides the project's own.
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { npmArtefactStep } from './npm-artefact.mjs';
import { keyOf } from './project.mjs';

// mediasoup-client's own types need the first of them.
const VERSIONS = ['5.0.4', '5.9.3', '7.0.2'];

const dirOf = (version) =>
  artefactDir(`typescript-${version}`, keyOf([process.platform, process.arch, version]));

/** Each compiler, as `[{ version, major, program }]` with a script for Node. */
export const compilers = () =>
  VERSIONS.map((version) => ({
    version,
    major: Number.parseInt(version, 10),
    program: path.join(dirOf(version), 'node_modules', 'typescript', 'bin', 'tsc'),
  }));

export const typescriptVersionsStep = () =>
  npmArtefactStep({
    name: `TypeScript ${VERSIONS.join(', ')}`,
    log: 'typescript-versions.log',
    groups: VERSIONS.map((version) => ({
      dir: dirOf(version),
      packages: [`typescript@${version}`],
    })),
  });
