// The npm packages of package-lock.json, none of their scripts run.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { run } from './process.mjs';
import { inProject, logDir, root } from './project.mjs';
import { StepError } from './steps.mjs';

const lockfile = inProject('package-lock.json');

// Inside node_modules, which `npm ci` removes first: a killed run leaves no marker.
const marker = inProject('node_modules', '.installed-lock-hash');

function lockHash() {
  try {
    return createHash('sha256').update(fs.readFileSync(lockfile)).digest('hex');
  } catch {
    return undefined;
  }
}

export function npmStep() {
  return {
    name: 'npm packages',
    expectedSeconds: 20,
    cure: 'check the network and the npm registry setting (npm config get registry), then run this again',
    current() {
      try {
        return fs.readFileSync(marker, 'utf8') === lockHash();
      } catch {
        return false;
      }
    },
    async run() {
      const hash = lockHash();
      if (!hash) {
        throw new StepError('there is no package-lock.json', {
          cure: 'check that the clone is whole: git status',
        });
      }
      const log = path.join(logDir, 'npm.log');
      fs.rmSync(log, { force: true });
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=warn'], {
        cwd: root,
        log,
      });
      fs.writeFileSync(marker, hash);
    },
  };
}
