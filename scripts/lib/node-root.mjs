// What the image node:22-slim is, in a folder: Debian 12 with Node.js 22, npm and a user for it, and nothing else.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { rootMaking } from './debian-root.mjs';
import { nodePrograms } from './node-versions.mjs';
import { packageManager } from './package-managers.mjs';
import { run } from './process.mjs';
import { keyOf } from './project.mjs';

const SUITE = 'bookworm';
const RECIPE = 1;

const { program } = nodePrograms().find(({ major }) => major === 22) ?? {};
const npm = path.dirname(path.dirname(packageManager('npm')));

export const nodeRoot = artefactDir('node-root', keyOf([RECIPE, SUITE, program, npm]));

/** After the steps of Node.js and of the package managers. */
export const nodeRootStep = () => ({
  name: `Debian ${SUITE} with Node.js 22`,
  expectedSeconds: 60,
  ...rootMaking({
    dir: nodeRoot,
    suite: SUITE,
    logName: 'node-root.log',
    async complete(temporary, log) {
      const local = path.join(temporary, 'usr', 'local');
      fs.copyFileSync(program, path.join(local, 'bin', 'node'));
      fs.cpSync(npm, path.join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
      for (const name of ['npm', 'npx']) {
        const script = `../lib/node_modules/npm/bin/${name}-cli.js`;
        fs.symlinkSync(script, path.join(local, 'bin', name));
      }
      const user = ['--uid', '1000', '--user-group', '--create-home', '--shell', '/bin/bash'];
      await run('chroot', [temporary, '/usr/sbin/useradd', ...user, 'node'], { log });
    },
  }),
});
