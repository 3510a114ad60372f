// The programs that the packages are tried with: package managers and other runtimes, from npm.
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { npmArtefactStep } from './npm-artefact.mjs';
import { keyOf } from './project.mjs';

const { arch } = process;
const bunArch = arch === 'arm64' ? 'aarch64' : arch;

const PACKAGES = {
  npm: { package: 'npm@11.21.2', program: 'npm/bin/npm-cli.js' },
  pnpm: { package: 'pnpm@10.34.8', program: 'pnpm/bin/pnpm.cjs' },
  yarn: { package: 'yarn@1.22.22', program: 'yarn/bin/yarn.js' },
  berry: { package: '@yarnpkg/cli-dist@4.18.1', program: '@yarnpkg/cli-dist/bin/yarn.js' },
  bun: {
    package: `@oven/bun-linux-${bunArch}@1.4.5`,
    program: `@oven/bun-linux-${bunArch}/bin/bun`,
  },
  deno: { package: `@deno/linux-${arch}-glibc@2.9.6`, program: `@deno/linux-${arch}-glibc/deno` },
};

const dir = artefactDir('package-managers', keyOf([arch, PACKAGES]));

/** The path of a program: a script for Node, or one that runs by itself (Bun and Deno). */
export const packageManager = (name) => path.join(dir, 'node_modules', PACKAGES[name].program);

export const packageManagersStep = () =>
  npmArtefactStep({
    name: 'Package managers',
    log: 'package-managers.log',
    groups: [{ dir, packages: Object.values(PACKAGES).map((entry) => entry.package) }],
  });
