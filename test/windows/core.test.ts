// The package for Windows, as npm installs it there, in Node.js 22 for Windows under Wine, with a real server on this machine.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { windowsNodeStep } from '../../scripts/lib/node-versions.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { platformTarget } from '../../scripts/lib/target.mjs';
import { faultsOfDll } from '../../scripts/packaging/dll.mjs';
import { platformFiles } from '../../scripts/packaging/manifest.mjs';
import { filesOf } from '../../scripts/packaging/sizes.mjs';
import { answerOf } from '../packages/support/project.js';
import type { Project, Run } from '../packages/support/project.js';
import { clip, holdSession, installedApp, openRoom } from '../packages/support/session.js';
import { tarballs } from '../packages/support/tarballs.js';
import type { Tarballs } from '../packages/support/tarballs.js';
import { startWine, windowsPath } from './support/wine.js';
import type { Wine } from './support/wine.js';

const platform = 'win32-x64';
const target = platformTarget(platform) as { outputDir: string; triplet: string };

type Live = { packets: number[]; message: string; code?: number };

function assertLive({ packets, message }: Live): void {
  assert.equal(packets.length, 2);
  assert.ok(packets.every((count) => count > 5));
  assert.equal(message, 'hello');
}

describe(`the package of ${platform}`, { skip: process.arch !== 'x64' && 'made on x64' }, () => {
  let packed: Tarballs;
  let wine: Wine;

  before(async () => {
    packed = tarballs(platform);
    await runSteps([packagesStep('windows'), windowsNodeStep()], { quiet: true });
    wine = await startWine();
  });

  after(() => wine.end());

  async function appOf(t: TestContext): Promise<Project> {
    const app = await installedApp(t, packed, ['--os=win32', '--cpu=x64']);
    const apps = path.join(import.meta.dirname, 'apps');
    for (const name of readdirSync(apps)) app.add(name, path.join(apps, name));
    app.add('life.mjs');
    copyFileSync(clip, path.join(app.folder, 'clip.mp4'));
    return app;
  }

  async function run(app: Project, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    const words = ['--import', './fetch.mjs', ...args];
    const where = { cwd: app.folder, env };
    const { status, output, errors } = await wine.node('node.exe', words, where);
    return { code: status, stdout: output, stderr: errors };
  }

  it('has the native code, its licences and its bill of materials, and nothing else', () => {
    const names = (filesOf(packed.native) as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['package.json', ...platformFiles(platform)].sort());
  });

  for (const name of ['mscp.node', 'libmscp.dll']) {
    it(`${name} asks for no DLL but those of the system, shows what it has to, and is hardened`, () => {
      assert.deepEqual(faultsOfDll(path.join(target.outputDir, name), target), []);
    });
  }

  it('is looked at: a DLL of the compiler is found fault with', () => {
    const file = path.join(wine.folder, 'libmscp.dll');
    cpSync(path.join('/usr', target.triplet, 'lib', 'libwinpthread-1.dll'), file);
    assert.match(faultsOfDll(file, target).join(), /shows .*pthread_create/);
  });

  it('is the one that npm installs on Windows, and tells what it is made of', async (t) => {
    const app = await appOf(t);
    const installed = readdirSync(path.join(app.folder, 'node_modules'));
    assert.deepEqual(
      installed.filter((name) => name.startsWith('mediasoup-client-pion-')),
      [`mediasoup-client-pion-${platform}`],
    );
    const cli = path.join(app.folder, 'node_modules', 'mediasoup-client-pion', 'dist', 'cli.mjs');
    const answer = await run(app, [windowsPath(cli), 'doctor', '--json']);
    assert.equal(answer.code, 0, answer.stdout + answer.stderr);
    const { ok, host, core, problems } = JSON.parse(answer.stdout) as {
      ok: boolean;
      host: { platform: string };
      core: { encoders: string[]; candidates: object[] };
      problems: { severity: string }[];
    };
    assert.ok(ok, answer.stdout);
    assert.equal(host.platform, 'win32');
    assert.ok(core.encoders.length >= 5, core.encoders.join());
    assert.ok(core.candidates.length > 0);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  it('holds a session with a server: sound, picture and data', async (t) => {
    const app = await appOf(t);
    const file = windowsPath(path.join(app.folder, 'clip.mp4'));
    await holdSession(t, (...args) => run(app, args), file);
  });

  it('works in worker threads, and lets them end and be terminated', async (t) => {
    const app = await appOf(t);
    const answer = answerOf(await run(app, ['threads.mjs'], { ROOM: await openRoom(t) }));
    const { closed, terminated } = answer as { closed: Live[]; terminated: Live };
    assert.equal(closed.length, 2);
    for (const live of [...closed, terminated]) assertLive(live);
    assert.deepEqual(
      [...closed, terminated].map(({ code }) => code),
      [0, 0, 1],
    );
  });

  for (const [what, env, status] of [
    ['ends by itself once all is closed', {}, 0],
    ['ends by process.exit() with media flowing', { KEEPS_OPEN: '1' }, 7],
  ] as const) {
    it(what, async (t) => {
      const app = await appOf(t);
      const room = { ROOM: await openRoom(t) };
      const { code, stdout, stderr } = await run(app, ['exit.mjs'], { ...env, ...room });
      assert.equal(code, status, stdout + stderr);
      assertLive(JSON.parse(stdout) as Live);
    });
  }
});
