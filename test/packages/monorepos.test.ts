// A monorepo: its app depends on another package of it, and that one on this package. It runs where it was made, and deployed elsewhere.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { bundlersStep } from '../../scripts/lib/bundlers.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { platformNames } from '../../scripts/lib/target.mjs';
import { platformManifest } from '../../scripts/packaging/manifest.mjs';
import { answerOf, Project } from './support/project.js';
import type { Run } from './support/project.js';
import { openRegistry } from './support/registry.js';
import type { Registry } from './support/registry.js';
import { platform, root, tarballs } from './support/tarballs.js';

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const bundler = path.join(import.meta.dirname, 'support', 'bundle.mjs');
const bot = path.join('apps', 'bot');

let registry: Registry;

before(async () => {
  await runSteps([bundlersStep(), packageManagersStep()], { quiet: true });
  const { main, native } = tarballs();
  const others = platformNames.filter((name) => name !== platform).map(platformManifest);
  registry = await openRegistry([main, native], others);
});
after(() => registry.close());

/** Not installed yet. `own` is how one package asks for another of the same monorepo. */
function monorepo(t: TestContext, own: string): Project {
  const project = new Project(registry.url);
  t.after(() => {
    project.remove();
  });
  const manifest = (folder: string, name: string, more: object) => {
    const content = { name, version: '1.0.0', private: true, ...more };
    project.write(path.join(folder, 'package.json'), content);
  };
  manifest('.', 'root', { workspaces: ['apps/*', 'packages/*'] });
  manifest('packages/media', 'media', {
    exports: { import: './index.mjs', require: './index.cjs' },
    dependencies: { 'mediasoup-client-pion': version },
  });
  project.write('packages/media/index.mjs', "export * from 'mediasoup-client-pion';\n");
  project.write('packages/media/index.cjs', "module.exports = require('mediasoup-client-pion');\n");
  manifest(bot, 'bot', { dependencies: { media: own } });
  for (const name of ['load.mjs', 'load.cjs']) {
    const program = readFileSync(path.join(import.meta.dirname, 'apps', name), 'utf8');
    project.write(path.join(bot, name), program.replaceAll('mediasoup-client-pion', 'media'));
  }
  return project;
}

const answers = (run: Run) => {
  assert.deepEqual(answerOf(run), { version, players: [] });
};

type Place = {
  /** The folder of the app. */
  readonly app: string;
  /** Where the process runs. */
  readonly cwds: readonly string[];
  readonly flags?: readonly string[];
};

/** Both kinds of module load the core. */
async function works(project: Project, { app, cwds, flags = [] }: Place): Promise<void> {
  for (const name of ['load.mjs', 'load.cjs']) {
    const args = [...flags, path.join(app, name)];
    for (const cwd of cwds) answers(await project.run(process.execPath, args, {}, cwd));
  }
}

/** It ends with an error where something is missing. */
async function doctorIsContent(project: Project): Promise<void> {
  const require = createRequire(path.join(project.folder, 'packages', 'media', 'index.cjs'));
  const manifest = require.resolve('mediasoup-client-pion/package.json');
  const doctor = path.join(path.dirname(manifest), 'dist', 'cli.mjs');
  const { code, stdout, stderr } = await project.node(doctor, 'doctor');
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

/** Where it was built. */
async function worksBundled(project: Project, flags: readonly string[] = []): Promise<void> {
  const folder = path.join(project.folder, bot);
  const { code, stdout, stderr } = await project.run(
    process.execPath,
    [bundler, 'esbuild, to CommonJS', 'out'],
    // That of the tests, whose cache has the bundlers.
    process.env,
    folder,
  );
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const file = path.join(folder, 'out', 'app.cjs');
  for (const some of [[], flags]) {
    answers(await project.run(process.execPath, [...some, file], {}, os.tmpdir()));
  }
}

/** A name in a folder that has nothing to do with the monorepo. */
function elsewhere(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-moved-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return path.join(folder, 'srv');
}

/** In the app's folder and in that of all. */
function inPlace({ folder }: Project): Place {
  const app = path.join(folder, bot);
  return { app, cwds: [app, folder] };
}

describe('a monorepo', () => {
  it('of npm, moved with what npm ci --omit=dev installs', async (t) => {
    const project = monorepo(t, '*');
    await project.manage('npm', 'install');
    await works(project, inPlace(project));
    await doctorIsContent(project);
    await worksBundled(project);

    await project.manage('npm', 'ci', '--omit=dev', '--workspace=bot');
    const moved = elsewhere(t);
    renameSync(project.folder, moved);
    await works(project, { app: path.join(moved, bot), cwds: [os.tmpdir()] });
  });

  for (const injected of [true, false]) {
    const how = injected ? 'with injectWorkspacePackages' : 'with --legacy';
    it(`of pnpm, moved as pnpm deploy makes it ${how}`, async (t) => {
      const project = monorepo(t, 'workspace:*');
      const settings = `packages: [apps/*, packages/*]\ninjectWorkspacePackages: ${injected}\n`;
      project.write('pnpm-workspace.yaml', settings);
      const store = `--store-dir=${path.join(project.folder, 'store')}`;
      await project.manage('pnpm', 'install', store);
      await works(project, inPlace(project));
      await doctorIsContent(project);
      await worksBundled(project);

      const flags = injected ? [] : ['--legacy'];
      await project.manage('pnpm', store, '--filter=bot', 'deploy', '--prod', ...flags, 'out');
      const moved = elsewhere(t);
      renameSync(path.join(project.folder, 'out'), moved);
      project.remove();
      await works(project, { app: moved, cwds: [os.tmpdir()] });
    });
  }

  for (const linker of ['node-modules', 'pnp']) {
    it(`of Yarn 4, with its linker ${linker}, moved with what yarn workspaces focus installs`, async (t) => {
      const project = monorepo(t, 'workspace:*');
      project.setUpYarn4(linker);
      await project.manage('berry', 'install');
      const flags = (folder: string) =>
        linker === 'pnp'
          ? ['-r', path.join(folder, '.pnp.cjs'), '--loader', path.join(folder, '.pnp.loader.mjs')]
          : [];
      await works(project, { ...inPlace(project), flags: flags(project.folder) });
      await project.manage('berry', 'workspace', 'media', 'run', 'mediasoup-client-pion', 'doctor');
      await worksBundled(project, flags(project.folder));

      await project.manage('berry', 'workspaces', 'focus', 'bot', '--production');
      const moved = elsewhere(t);
      renameSync(project.folder, moved);
      await works(project, {
        app: path.join(moved, bot),
        cwds: [os.tmpdir()],
        flags: flags(moved),
      });
    });
  }
});
