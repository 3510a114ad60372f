// Next.js with the bundler that it has by itself, Turbopack: an app is built, started, and moved elsewhere, as docs/deploying.md has it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { NATIVE_PATH } from '../../lib/native-errors.js';
import { packageOf } from '../../lib/platform.js';
import { NEXT, nextModules, nextStep } from '../../scripts/lib/bundlers.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { freePort } from '../e2e/support/free-port.mjs';
import { blockOfGuide } from './support/guide.js';
import { Project } from './support/project.js';
import { openRegistry } from './support/registry.js';
import type { Registry } from './support/registry.js';
import { root, tarballs } from './support/tarballs.js';

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const works = { version, players: [], produces: true };
const STANDALONE = "module.exports = { output: 'standalone' };\n";

let registry: Registry;
let app: Project;

before(async () => {
  await runSteps([nextStep(), packageManagersStep()], { quiet: true });
  const { main, native } = tarballs();
  registry = await openRegistry([main, native]);
  app = new Project(registry.url);
  cpSync(nextModules, path.join(app.folder, 'node_modules'), { recursive: true });
  cpSync(path.join(import.meta.dirname, 'apps', 'next'), app.folder, { recursive: true });
  app.dependOn({ 'mediasoup-client-pion': version, 'mediasoup-client': '^3.21.0', ...NEXT });
  await app.manage('npm', 'install', '--ignore-scripts');
});
after(async () => {
  app.remove();
  await registry.close();
});

const next = path.join('node_modules', 'next', 'dist', 'bin', 'next');

/** Builds the app with a next.config.js. */
async function build(config: string, ...flags: string[]): Promise<void> {
  rmSync(path.join(app.folder, '.next'), { recursive: true, force: true });
  app.write('next.config.js', config);
  const { code, stdout, stderr } = await app.node(next, 'build', ...flags);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

/** What the route answers that opens a Worker, of a server that is started for it. */
async function answerOf(
  t: TestContext,
  args: readonly string[],
  { env = {}, cwd = app.folder }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<unknown> {
  const port = String(await freePort());
  const server = app.start(
    process.execPath,
    args,
    { PORT: port, HOSTNAME: '127.0.0.1', ...env },
    cwd,
  );
  t.after(() => server.end());
  await server.says(/Ready in /);
  const response = await fetch(`http://127.0.0.1:${port}/api/worker`);
  return response.json();
}

/** Moves what `output: 'standalone'` has made to a folder that has nothing to do with the app. */
function moved(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-moved-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  cpSync(path.join(app.folder, '.next', 'standalone'), folder, {
    recursive: true,
    verbatimSymlinks: true,
  });
  return folder;
}

describe('Next.js', () => {
  it('with its defaults, started where it was built', async (t) => {
    await build('');
    assert.deepEqual(await answerOf(t, [next, 'start']), works);
  });

  it('standalone, as the guide has it, moved elsewhere', async (t) => {
    await build(blockOfGuide('js', /output: 'standalone'/));
    assert.deepEqual(await answerOf(t, ['server.js'], { cwd: moved(t) }), works);
  });

  it('standalone, moved elsewhere without the settings, tells what to set', async (t) => {
    await build(STANDALONE);
    const folder = moved(t);
    const { code, message } = (await answerOf(t, ['server.js'], { cwd: folder })) as {
      code: string;
      message: string;
    };
    assert.equal(code, 'ERR_NATIVE_MISSING');
    assert.match(message, /this app is bundled/);
    for (const cure of ['`serverExternalPackages`', '`outputFileTracingIncludes`', NATIVE_PATH]) {
      assert.ok(message.includes(cure), message);
    }
    const env = { [NATIVE_PATH]: path.join(app.folder, 'node_modules', packageOf(process)) };
    assert.deepEqual(await answerOf(t, ['server.js'], { cwd: folder, env }), works);
  });

  it('built by webpack, which collects the native code by itself, moved elsewhere', async (t) => {
    const settings = "{ output: 'standalone', serverExternalPackages: ['mediasoup-client-pion'] }";
    await build(`module.exports = ${settings};\n`, '--webpack');
    assert.deepEqual(await answerOf(t, ['server.js'], { cwd: moved(t) }), works);
  });
});
