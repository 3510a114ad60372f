// What apps are bundled with, and what collects their files, from npm.
import { createRequire } from 'node:module';
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { npmArtefactStep } from './npm-artefact.mjs';
import { keyOf } from './project.mjs';

const PACKAGES = [
  '@rollup/plugin-commonjs@29.0.3',
  '@rollup/plugin-json@6.1.0',
  '@rollup/plugin-node-resolve@16.0.3',
  '@rspack/core@2.3.4',
  '@vercel/ncc@0.45.0',
  '@vercel/nft@1.11.5',
  'esbuild@0.28.2',
  'postject@1.0.0-alpha.6',
  'rollup@4.68.8',
  'vite@8.4.0',
  'webpack@5.113.0',
];

const dir = artefactDir('bundlers', keyOf([process.arch, PACKAGES]));

/** Requires one of the packages. */
export const requireBundler = createRequire(path.join(dir, 'here.js'));

export const bundlersStep = () =>
  npmArtefactStep({
    name: 'Bundlers',
    log: 'bundlers.log',
    groups: [{ dir, packages: PACKAGES }],
  });

/** A framework that has its own bundler, and is as large as all of the above. */
export const NEXT = { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' };

const nextPackages = Object.entries(NEXT).map(([name, version]) => `${name}@${version}`);
const nextDir = artefactDir('next', keyOf([process.arch, nextPackages]));

/** What npm installs of it, to be copied: Turbopack takes no link that leads out of an app. */
export const nextModules = path.join(nextDir, 'node_modules');

export const nextStep = () =>
  npmArtefactStep({
    name: 'Next.js',
    log: 'next.log',
    groups: [{ dir: nextDir, packages: nextPackages }],
  });
