// The oldest system that the packages are for: Debian 11, with glibc 2.31, and a session with a real server on it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { commandInRoot, debianRoot } from '../../scripts/lib/debian-root.mjs';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { nodePrograms, nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { createRoom } from '../e2e/support/room.mjs';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { answerOf, Project } from './support/project.js';
import type { Run } from './support/project.js';
import { openRegistry } from './support/registry.js';
import { root, tarballs } from './support/tarballs.js';

const { version, devDependencies } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
) as { version: string; devDependencies: Record<string, string> };

/** Runs Node in the older Debian, in a project's folder. */
function runInside(app: Project, node: string, args: string[]): Promise<Run> {
  const clip = path.dirname(fixturePath('red-440hz.mp4'));
  const seen = [app.folder, path.dirname(node), clip];
  const [program, words] = commandInRoot(debianRoot, seen, app.folder, node, args) as [
    string,
    string[],
  ];
  const child = spawn(program, words, {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, ...output });
    });
  });
}

describe('on Debian 11', () => {
  it('sound, picture and data go through a server and back', async (t) => {
    await runSteps([nodeVersionsStep(), packageManagersStep()], { quiet: true });
    const { main, native } = tarballs();
    const registry = await openRegistry([main, native]);
    t.after(() => registry.close());
    const room = await createRoom();
    t.after(() => room.close());
    const signalling = await serveRoom(room);
    t.after(() => signalling.close());
    const app = new Project(registry.url);
    t.after(() => {
      app.remove();
    });
    app.dependOn({
      'mediasoup-client-pion': version,
      'mediasoup-client': devDependencies['mediasoup-client'] ?? '',
      'fake-mediastreamtrack': '^2.2.1',
    });
    await app.manage('npm', 'install');
    app.add('session.mjs');
    app.add('peer.mjs', path.join(root, 'test', 'e2e', 'support', 'peer.mjs'));

    const node = nodePrograms().find(({ major }) => major === 22)?.program ?? process.execPath;
    const glibc = 'process.report.getReport().header.glibcVersionRuntime';
    const inside = await runInside(app, node, ['--print', glibc]);
    assert.equal(inside.stdout.trim(), '2.31');
    const clip = fixturePath('red-440hz.mp4');
    const answer = answerOf(await runInside(app, node, ['session.mjs', signalling.url, clip]));
    assert.equal(answer['version'], version);
    assert.ok(Number(answer['audio']) > 0 && Number(answer['video']) > 0);
    assert.equal(answer['message'], 'hello');
  });
});
