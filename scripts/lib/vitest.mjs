// Vitest, from npm, for the tests that run it as users do.
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { npmArtefactStep } from './npm-artefact.mjs';
import { keyOf } from './project.mjs';

const PACKAGES = ['vitest@4.1.12'];

const dir = artefactDir('vitest', keyOf([process.arch, PACKAGES]));

/** Where the package lies. */
export const vitestFolder = path.join(dir, 'node_modules', 'vitest');

export const vitestStep = () =>
  npmArtefactStep({ name: 'Vitest', log: 'vitest.log', groups: [{ dir, packages: PACKAGES }] });
