// What a user does: an empty folder, a package manager, Node, and nothing else.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { nodePrograms, nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { packageManager, packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { platformNames } from '../../scripts/lib/target.mjs';
import { platformManifest } from '../../scripts/packaging/manifest.mjs';
import { answerOf, Project } from './support/project.js';
import { openRegistry } from './support/registry.js';
import type { Registry } from './support/registry.js';
import { platform, root, tarballs } from './support/tarballs.js';

const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};
/** The app lists this package alone. */
const dependencies = { 'mediasoup-client-pion': own.version };
/** Under the name of the package that it replaces. */
const alias = { 'mediasoup-client-aiortc': `npm:mediasoup-client-pion@${own.version}` };

let registry: Registry;

function project(t: TestContext, node?: string): Project {
  const app = new Project(registry.url, node);
  t.after(() => {
    app.remove();
  });
  return app;
}

/** Both kinds of module load the core. */
async function works(
  app: Project,
  {
    node = (...args: string[]) => app.node(...args),
    as = 'mediasoup-client-pion',
  }: { node?: Project['node']; as?: string } = {},
): Promise<void> {
  for (const name of ['load.mjs', 'load.cjs']) {
    const file = app.add(name);
    const program = readFileSync(file, 'utf8').replaceAll('mediasoup-client-pion', as);
    app.write(name, program);
    assert.deepEqual(answerOf(await node(name)), { version: own.version, players: [] });
  }
}

describe('installed from a registry, with nothing but Node', () => {
  before(async () => {
    await runSteps([nodeVersionsStep(), packageManagersStep()], { quiet: true });
    const { main, native } = tarballs();
    const others = platformNames.filter((name) => name !== platform).map(platformManifest);
    registry = await openRegistry([main, native], others);
  });
  after(() => registry.close());

  for (const { major, program } of nodePrograms()) {
    it(`by npm, on Node ${major}`, async (t) => {
      const app = project(t, program);
      app.dependOn(dependencies);
      await app.manage('npm', 'install');
      const installed = readdirSync(path.join(app.folder, 'node_modules'));
      assert.deepEqual(
        installed.filter((name) => name.startsWith('mediasoup-client-pion')),
        ['mediasoup-client-pion', `mediasoup-client-pion-${platform}`],
      );
      await works(app);
    });
  }

  it('by npm, as it was before peers were installed', async (t) => {
    const app = project(t);
    app.dependOn(dependencies);
    await app.manage('npm', 'install', '--legacy-peer-deps');
    await works(app);
  });

  for (const autoInstallPeers of [true, false]) {
    it(`by pnpm, with autoInstallPeers: ${autoInstallPeers}`, async (t) => {
      const app = project(t);
      app.dependOn(dependencies);
      app.write('pnpm-workspace.yaml', `autoInstallPeers: ${autoInstallPeers}\n`);
      await app.manage('pnpm', 'install', `--store-dir=${path.join(app.folder, 'store')}`);
      await works(app);
    });
  }

  for (const [name, listed] of [
    ['mediasoup-client-pion', dependencies],
    ['mediasoup-client-aiortc', alias],
  ] as const) {
    it(`by Yarn 1, as ${name}`, async (t) => {
      // It refuses a mediasoup-client that does not name Node 20 among its engines; the others warn.
      const app = project(t, nodePrograms().find(({ major }) => major >= 22)?.program);
      app.dependOn(listed);
      await app.manage('yarn', 'install', '--no-progress');
      await works(app, { as: name });
    });
  }

  for (const [name, ...args] of [
    ['bun', 'install'],
    ['deno', 'install', '--node-modules-dir=auto'],
  ] as const) {
    it(`by ${name}`, async (t) => {
      const app = project(t);
      app.dependOn(dependencies);
      const { code, stderr } = await app.run(packageManager(name), args);
      assert.equal(code, 0, stderr);
      await works(app);
    });
  }

  for (const linker of ['node-modules', 'pnp']) {
    it(`by Yarn 4, with its linker ${linker}`, async (t) => {
      const app = project(t);
      app.dependOn(dependencies);
      app.setUpYarn4(linker);
      await app.manage('berry', 'install');
      const flags = linker === 'pnp' ? ['-r', './.pnp.cjs', '--loader', './.pnp.loader.mjs'] : [];
      await works(app, { node: (...args) => app.node(...flags, ...args) });
      // It ends with an error where something is missing.
      await app.manage('berry', 'run', 'mediasoup-client-pion', 'doctor');
    });
  }

  it('again from a lockfile, by npm ci', async (t) => {
    const app = project(t);
    app.dependOn(dependencies);
    await app.manage('npm', 'install', '--package-lock-only');
    await app.manage('npm', 'ci');
    await works(app);
  });

  it('under an alias, as the package that it replaces', async (t) => {
    const app = project(t);
    app.dependOn(alias);
    await app.manage('npm', 'install');
    await works(app, { as: 'mediasoup-client-aiortc' });
  });

  it('beside the mediasoup-client of an app, which is the only copy where its version fits', async (t) => {
    const app = project(t);
    const copies = [
      path.join('node_modules', 'mediasoup-client'),
      path.join('node_modules', 'mediasoup-client-pion', 'node_modules', 'mediasoup-client'),
    ];
    for (const [version, count] of [
      ['3.21.0', 1],
      ['3.20.0', 2],
    ] as const) {
      app.dependOn({ ...dependencies, 'mediasoup-client': version });
      await app.manage('npm', 'install');
      await works(app);
      assert.equal(copies.filter((name) => existsSync(path.join(app.folder, name))).length, count);
    }
  });

  it('in TypeScript, with the resolution of node16, of a bundler and of node10', async (t) => {
    const app = project(t);
    app.add('typed.ts');
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    for (const [module, moduleResolution, type] of [
      ['node16', 'node16', 'module'],
      ['esnext', 'bundler', 'module'],
      ['commonjs', 'node10', 'commonjs'],
    ]) {
      app.dependOn(dependencies, { type });
      await app.manage('npm', 'install');
      const out = path.join(app.folder, `out-${moduleResolution}`);
      mkdirSync(out);
      app.write('tsconfig.json', {
        compilerOptions: {
          strict: true,
          target: 'es2022',
          lib: ['es2023', 'dom', 'dom.iterable'],
          types: ['node'],
          typeRoots: [path.join(root, 'node_modules', '@types')],
          // test/types looks at the declarations themselves.
          skipLibCheck: true,
          module,
          moduleResolution,
          outDir: out,
          // What TypeScript 6 says of node10.
          ...(moduleResolution === 'node10' ? { ignoreDeprecations: '6.0' } : {}),
        },
        files: ['typed.ts'],
      });
      const { code, stdout } = await app.node(tsc, '--pretty', 'false');
      assert.equal(code, 0, stdout);
      assert.deepEqual(answerOf(await app.node(path.join(out, 'typed.js'))), {
        version: own.version,
        players: [],
      });
    }
  });
});
