// The package for the other processor: under an emulator, with the glibc of Debian 11 and Node for arm64 from npm.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { debianRoot, ROOT_GLIBC } from '../../scripts/lib/debian-root.mjs';
import { foreignNode, foreignNodeStep } from '../../scripts/lib/node-versions.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { platformTarget } from '../../scripts/lib/target.mjs';
import { faultsOf } from '../../scripts/packaging/binary.mjs';
import { EXPORTED } from '../../scripts/packaging/tarballs.mjs';
import { answerOf } from './support/project.js';
import type { Project, Run } from './support/project.js';
import { holdSession, installedApp } from './support/session.js';
import { tarballs } from './support/tarballs.js';
import type { Tarballs } from './support/tarballs.js';

const platform = 'linux-arm64';
const { triplet } = platformTarget(platform) as { triplet: string };

/** Where the compiler for arm64 has its glibc. */
const sysroot = path.join(debianRoot, 'usr', triplet);

function emulate(app: Project, ...args: string[]): Promise<Run> {
  return app.run('/usr/bin/qemu-aarch64-static', ['-L', sysroot, foreignNode('arm64'), ...args]);
}

describe(`the package of ${platform}`, { skip: process.arch !== 'x64' && 'made on x64' }, () => {
  let packed: Tarballs;

  before(async () => {
    packed = tarballs(platform);
    await runSteps([packagesStep('release'), foreignNodeStep('arm64')], { quiet: true });
  });

  for (const [name, exported] of Object.entries(EXPORTED)) {
    it(`${name} asks for nothing but glibc ${ROOT_GLIBC}, shows what it has to, and is hardened`, () => {
      const file = path.join(String(platformTarget(platform).outputDir), name);
      assert.deepEqual(faultsOf(file, { arch: 'arm64', exported, glibc: ROOT_GLIBC }), []);
    });
  }

  it('is the one that npm installs on arm64, and holds a session with a server', async (t) => {
    const app = await installedApp(t, packed, ['--os=linux', '--cpu=arm64', '--libc=glibc']);
    const installed = readdirSync(path.join(app.folder, 'node_modules'));
    assert.deepEqual(
      installed.filter((name) => name.startsWith('mediasoup-client-pion-')),
      [`mediasoup-client-pion-${platform}`],
    );
    const machine =
      'JSON.stringify([process.arch, process.report.getReport().header.glibcVersionRuntime])';
    const { stdout } = await emulate(app, '--print', machine);
    assert.deepEqual(JSON.parse(stdout), ['arm64', ROOT_GLIBC]);
    app.add('load.cjs');
    assert.deepEqual(answerOf(await emulate(app, 'load.cjs'))['players'], []);
    await holdSession(t, (...args) => emulate(app, ...args));
  });
});
