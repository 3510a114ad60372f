// AWS Lambda for tests: the emulator of its runtime interface, compiled from its module, and the client of that for Node.js, from npm.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { nodePrograms } from './node-versions.mjs';
import { run } from './process.mjs';
import { inProject, keyOf, logDir } from './project.mjs';

const CLIENT = 'aws-lambda-ric@4.0.2';

const module = inProject('scripts/lambda');
const { program } = nodePrograms().find(({ major }) => major === 22) ?? {};

const dir = artefactDir(
  'lambda',
  keyOf([process.arch, fs.readFileSync(path.join(module, 'go.mod'), 'utf8'), CLIENT, program]),
);

export const emulator = path.join(dir, 'aws-lambda-rie');
/** The folder that has the client in its node_modules. */
export const lambdaClient = path.join(dir, 'client');

/** After the steps of the packages that are needed to build, and of Node.js. */
export const lambdaStep = () => ({
  name: "AWS Lambda's runtime interface",
  expectedSeconds: 180,
  current: () => isComplete(dir),
  async run(progress) {
    const log = path.join(logDir, 'lambda.log');
    fs.rmSync(log, { force: true });
    await buildArtefact(dir, async (temporary) => {
      progress.update('the emulator');
      await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', temporary, 'tool'], {
        cwd: module,
        env: { ...process.env, CGO_ENABLED: '0' },
        log,
      });
      progress.update(CLIENT);
      const client = path.join(temporary, 'client');
      fs.mkdirSync(client);
      // Its scripts compile curl and an addon, for which Node.js' package has the headers.
      const headers = `--nodedir=${path.dirname(path.dirname(program))}`;
      const flags = ['--no-audit', '--no-fund', '--no-package-lock', headers];
      await run('npm', ['install', '--prefix', client, ...flags, CLIENT], { cwd: client, log });
    });
  },
});
