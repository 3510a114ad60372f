// Tests of Go that are of Windows alone, under Wine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { inProject, root } from '../../scripts/lib/project.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { startWine } from './support/wine.js';
import type { Wine } from './support/wine.js';

let wine: Wine;

before(async () => {
  await runSteps([packagesStep('windows')], { quiet: true });
  wine = await startWine();
});

after(() => wine.end());

it('file: URLs name files of Windows', async () => {
  const program = path.join(wine.folder, 'address.test.exe');
  execFileSync('go', ['test', '-c', '-o', program, './internal/source/address'], {
    cwd: root,
    env: { ...process.env, GOOS: 'windows', GOARCH: 'amd64', CGO_ENABLED: '0' },
  });
  const { status, output, errors } = await wine.run(program, ['-test.v', '-test.run=OfWindows$'], {
    cwd: inProject('internal', 'source', 'address'),
  });
  assert.equal(status, 0, output + errors);
  assert.match(output, /--- PASS: TestFileURLsOfWindows/);
});
