// An app that is bundled, where it was built and moved elsewhere: it finds the native code, or is told what to do.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { NATIVE_PATH } from '../../lib/native-errors.js';
import { packageOf } from '../../lib/platform.js';
import { bundlersStep, requireBundler } from '../../scripts/lib/bundlers.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { answerOf, Project } from './support/project.js';
import type { Run } from './support/project.js';
import { openRegistry } from './support/registry.js';
import type { Registry } from './support/registry.js';
import { root, tarballs } from './support/tarballs.js';

type Trace = (files: string[], options: { base: string }) => Promise<{ fileList: Set<string> }>;

/** Of postject, as Node.js' guide has it. */
type Inject = (
  program: string,
  name: string,
  data: Buffer,
  options: { sentinelFuse: string },
) => Promise<void>;

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const nativePackage = packageOf(process);
const driver = path.join(import.meta.dirname, 'support', 'bundle.mjs');

let registry: Registry;
/** Installed by npm: bundling changes nothing of it but a folder for what is made. */
let app: Project;

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'mscp-moved-'));
  t.after(() => {
    rmSync(made, { recursive: true });
  });
  return made;
}

/** Runs it in a folder that has nothing to do with it, unless another is given. */
const runAt = (
  file: string,
  { env = {}, cwd = os.tmpdir() }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Run> => app.run(process.execPath, [file], env, cwd);

const works = (run: Run) => {
  assert.deepEqual(answerOf(run), { version, players: [] });
};

before(async () => {
  await runSteps([bundlersStep(), packageManagersStep()], { quiet: true });
  const { main, native } = tarballs();
  registry = await openRegistry([main, native]);
  app = new Project(registry.url);
  await install(app, 'npm');
});
after(async () => {
  app.remove();
  await registry.close();
});

async function install(project: Project, manager: string, ...flags: string[]): Promise<void> {
  project.dependOn({ 'mediasoup-client-pion': version });
  await project.manage(manager, 'install', ...flags);
  for (const name of ['load.mjs', 'load.cjs']) project.add(name);
}

/** The program that a bundler makes of an app, in a folder of the app that is new. */
async function bundle(bundler: string, project = app): Promise<string> {
  const out = mkdtempSync(path.join(project.folder, 'out-'));
  // In the environment of the tests, whose cache has the bundlers.
  const { code, stdout, stderr } = await project.run(
    process.execPath,
    [driver, bundler, out],
    process.env,
  );
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return path.join(out, stdout.trim().split('\n').at(-1) ?? '');
}

describe('bundled by', () => {
  for (const bundler of [
    'esbuild, to CommonJS',
    'esbuild, to an ES module',
    'esbuild, with a file name that is made up, to CommonJS',
    'Rollup',
    'webpack',
    'Rspack',
    'ncc',
    'Vite',
  ]) {
    it(bundler, async (t) => {
      const built = await bundle(bundler);
      works(await runAt(built));

      const elsewhere = folder(t);
      cpSync(path.dirname(built), elsewhere, { recursive: true });
      const moved = path.join(elsewhere, path.basename(built));
      const { code, stderr } = await runAt(moved);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /this app is bundled, and the package /);
      for (const cure of ['`external`', '`externals`', NATIVE_PATH, nativePackage]) {
        assert.ok(stderr.includes(cure), stderr);
      }

      works(await runAt(moved, { cwd: app.folder }));
      const native = path.join(app.folder, 'node_modules', nativePackage);
      works(await runAt(moved, { env: { [NATIVE_PATH]: native } }));
      cpSync(native, path.join(elsewhere, 'node_modules', nativePackage), { recursive: true });
      works(await runAt(moved));
    });
  }

  it('esbuild, where pnpm shows the app nothing but what it depends on', async (t) => {
    const project = new Project(registry.url);
    t.after(() => {
      project.remove();
    });
    await install(project, 'pnpm', '--store-dir=store');
    works(await runAt(await bundle('esbuild, to CommonJS', project)));
  });
});

describe('in a single executable', () => {
  it('it finds the native code beside it, moved as well, and is told what is missing there', async (t) => {
    const { inject } = requireBundler('postject') as { inject: Inject };
    // Of its own, since it is to be gone once the executable was moved.
    const project = new Project(registry.url);
    t.after(() => {
      project.remove();
    });
    await install(project, 'npm');
    const made = path.join(project.folder, 'app');
    const blob = path.join(project.folder, 'app.blob');
    const main = await bundle('esbuild, to CommonJS', project);
    project.write('sea.json', { main, output: blob, disableExperimentalSEAWarning: true });
    const { code, stderr } = await project.node('--experimental-sea-config', 'sea.json');
    assert.equal(code, 0, stderr);
    cpSync(process.execPath, made);
    await inject(made, 'NODE_SEA_BLOB', readFileSync(blob), {
      sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    });
    works(await app.run(made, [], {}, os.tmpdir()));

    const elsewhere = folder(t);
    const moved = path.join(elsewhere, 'app');
    const native = path.join(elsewhere, 'node_modules', nativePackage);
    cpSync(made, moved);
    cpSync(path.join(project.folder, 'node_modules', nativePackage), native, { recursive: true });
    project.remove();
    works(await app.run(moved, [], {}, os.tmpdir()));

    const alone = path.join(folder(t), 'app');
    renameSync(moved, alone);
    works(await app.run(alone, [], { [NATIVE_PATH]: native }, os.tmpdir()));
    const { code: failed, stderr: told } = await app.run(alone, [], {}, os.tmpdir());
    assert.equal(failed, 1, told);
    assert.match(told, /ERR_NATIVE_MISSING/);
    assert.match(told, /this app is a single executable, and the package /);
    const beside = `put ${nativePackage}@${version} into a node_modules beside the executable`;
    for (const cure of [beside, NATIVE_PATH]) assert.ok(told.includes(cure), told);
    // It can have nothing left out of its one file.
    assert.doesNotMatch(told, /external/);
  });
});

describe('collected by @vercel/nft', () => {
  it('it has its native code', async (t) => {
    const { nodeFileTrace } = requireBundler('@vercel/nft') as { nodeFileTrace: Trace };
    const { fileList } = await nodeFileTrace([path.join(app.folder, 'load.mjs')], {
      base: app.folder,
    });
    const elsewhere = folder(t);
    for (const file of fileList) cpSync(path.join(app.folder, file), path.join(elsewhere, file));
    works(await runAt(path.join(elsewhere, 'load.mjs')));
  });
});
