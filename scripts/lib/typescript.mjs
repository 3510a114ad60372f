// The TypeScript sources, compiled by the package's own `build:ts`.
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, listSources, Stamp } from './fingerprint.mjs';
import { run } from './process.mjs';
import { inProject, logDir, root } from './project.mjs';
import { StepError } from './steps.mjs';

const stamp = new Stamp('typescript');

const builtFrom = () => [
  listSources(['lib', 'handler'], /\.(?:ts|mts|cts|json)$/),
  listFiles([
    'package.json',
    'scripts/build-ts.mjs',
    ...fs.readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name)),
  ]),
];

export function typescriptStep() {
  return {
    name: 'TypeScript',
    expectedSeconds: 8,
    cure: 'mend the type error above; `npm run build:ts` shows it alone',
    current: () => fs.existsSync(inProject('dist')) && stamp.matches(builtFrom()),
    async run() {
      if (listSources(['lib'], /\.ts$/).length === 0) {
        throw new StepError('no TypeScript sources in lib/', {
          cure: 'check that the clone is whole: git status',
        });
      }
      const from = builtFrom();
      const log = path.join(logDir, 'typescript.log');
      fs.rmSync(log, { force: true });
      stamp.clear();
      await run('npm', ['run', '--silent', 'build:ts'], { cwd: root, log });
      stamp.write(from);
    },
  };
}
