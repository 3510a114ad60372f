// Programs from npm packages, in the cache: what tests run beside this project's own dependencies.
import fs from 'node:fs';
import path from 'node:path';
import { buildArtefact, isComplete } from './artefact.mjs';
import { run } from './process.mjs';
import { logDir } from './project.mjs';

const FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];

/**
 * A step that installs packages, each group of them into a folder of its own.
 *
 * @param groups - `[{ dir, packages, flags? }]`, with `name@version` of each package.
 */
export function npmArtefactStep({ name, log, groups }) {
  const missing = () => groups.filter(({ dir }) => !isComplete(dir));
  return {
    name,
    expectedSeconds: 10 * groups.length,
    cure: 'check the network and the npm registry setting (npm config get registry), then run this again',
    current: () => missing().length === 0,
    async run(progress) {
      const file = path.join(logDir, log);
      fs.rmSync(file, { force: true });
      for (const { dir, packages, flags = [] } of missing()) {
        progress.update(packages.join(' '));
        await buildArtefact(dir, (temporary) =>
          run('npm', ['install', '--prefix', temporary, ...FLAGS, ...flags, ...packages], {
            cwd: temporary,
            log: file,
          }),
        );
      }
    },
  };
}
