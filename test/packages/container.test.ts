// The Dockerfile of docs/deploying.md, step by step: what it makes runs, where there is nothing else than node:22-slim has.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { packageOf } from '../../lib/platform.js';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { nodeRoot, nodeRootStep } from '../../scripts/lib/node-root.mjs';
import { nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { Container } from './support/dockerfile.js';
import { blockOfGuide } from './support/guide.js';
import type { Project } from './support/project.js';
import { clip, holdSession, installedApp } from './support/session.js';
import { tarballs } from './support/tarballs.js';

const nativePackage = packageOf(process);

before(() =>
  runSteps([packagesStep('package'), nodeVersionsStep(), packageManagersStep(), nodeRootStep()], {
    quiet: true,
  }),
);

/** An app with a lockfile, whose node_modules came from a Mac. */
async function developed(t: TestContext): Promise<Project> {
  const app = await installedApp(t, tarballs());
  const modules = path.join(app.folder, 'node_modules');
  const foreign = path.join(modules, 'mediasoup-client-pion-darwin-arm64');
  cpSync(path.join(modules, nativePackage), foreign, { recursive: true });
  for (const name of ['mscp.node', 'libmscp.so']) {
    writeFileSync(path.join(modules, nativePackage, name), 'not for Linux');
  }
  app.add('clip.mp4', clip);
  app.write(
    'server.mjs',
    "process.argv.push(process.env.SERVER, 'clip.mp4');\nawait import('./session.mjs');\n",
  );
  mkdirSync(path.join(app.folder, '.git'));
  return app;
}

describe('the Dockerfile of the guide', () => {
  it('makes an image whose app sends sound, picture and data through a server and back', async (t) => {
    const context = await developed(t);
    const [title, ...ignored] = blockOfGuide('text', /^# \.dockerignore/)
      .trim()
      .split('\n');
    assert.equal(title, '# .dockerignore');
    const container = new Container({
      context,
      ignored,
      bases: { 'node:22-slim': nodeRoot },
    });
    t.after(() => {
      container.remove();
    });
    await container.build(blockOfGuide('dockerfile'));

    // It has what npm installed in it, for Linux, and nothing that was left out.
    const app = path.join(container.root, 'app');
    const native = readdirSync(path.join(app, 'node_modules')).filter((name) =>
      name.startsWith('mediasoup-client-pion-'),
    );
    assert.deepEqual(native, [nativePackage]);
    for (const name of ['.git', '.npmrc']) assert.ok(!existsSync(path.join(app, name)), name);

    await holdSession(t, (_program, url = '') => container.run({ SERVER: url }));
  });
});
