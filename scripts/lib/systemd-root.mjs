// What a server of the cloud is, in a folder: Debian 12 with systemd, and Node.js 22 where NodeSource's packages put it.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir } from './artefact.mjs';
import { rootMaking } from './debian-root.mjs';
import { nodePrograms } from './node-versions.mjs';
import { keyOf } from './project.mjs';

const SUITE = 'bookworm';
const RECIPE = 1;
const PACKAGES = ['dbus', 'systemd', 'systemd-sysv'];

const { program } = nodePrograms().find(({ major }) => major === 22) ?? {};

export const systemdRoot = artefactDir('systemd-root', keyOf([RECIPE, SUITE, PACKAGES, program]));

/** After the step of Node.js. */
export const systemdRootStep = () => ({
  name: `Debian ${SUITE} with systemd`,
  expectedSeconds: 120,
  ...rootMaking({
    dir: systemdRoot,
    suite: SUITE,
    packages: PACKAGES,
    logName: 'systemd-root.log',
    async complete(temporary) {
      fs.copyFileSync(program, path.join(temporary, 'usr', 'bin', 'node'));
    },
  }),
});
