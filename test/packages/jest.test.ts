// Jest, which runs a test and what it imports in a realm of their own, and looks for what was left open.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { createRoom } from '../e2e/support/room.mjs';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { Project } from './support/project.js';
import { openRegistry } from './support/registry.js';
import type { Registry } from './support/registry.js';
import { tarballs } from './support/tarballs.js';

const JEST = '30.5.2';

describe('Jest', () => {
  let app: Project;
  let registry: Registry;

  before(async () => {
    await runSteps([packageManagersStep()], { quiet: true });
    const { main, native } = tarballs();
    registry = await openRegistry([main, native]);
    app = new Project(registry.url);
    app.dependOn(
      { 'mediasoup-client-pion': '*', 'mediasoup-client': '^3.21.0', jest: JEST },
      { jest: { testMatch: ['**/*.test.cjs'], testPathIgnorePatterns: ['/node_modules/'] } },
    );
    // Scripts are those of what Jest depends on.
    await app.manage('npm', 'install', '--ignore-scripts');
    app.add('app.test.cjs');
    app.add('messages.test.cjs');
    app.add('clip.mp4', fixturePath('red-440hz.mp4'));
  });
  after(async () => {
    app.remove();
    await registry.close();
  });

  /** Jest's words. */
  async function jest(test: string, env: NodeJS.ProcessEnv = {}, ...flags: string[]) {
    const program = path.join(app.folder, 'node_modules', 'jest', 'bin', 'jest.js');
    const args = [program, '--detectOpenHandles', '--testTimeout=30000', ...flags, test];
    const { code, stdout, stderr } = await app.run(process.execPath, args, env);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  it('finds no open handle when all is closed', async () => {
    assert.doesNotMatch(await jest('app.test.cjs'), /open handle/);
  });

  it('finds a Worker that was left open', async () => {
    const text = await jest('app.test.cjs', { KEEPS_OPEN: '1' }, '--forceExit');
    assert.match(text, /1 open handle/);
    assert.match(text, /mediasoup-client-pion/);
  });

  it('has messages of its realm, and of others, go to a server and come back, also where modules are loaded anew', async (t) => {
    const room = await createRoom();
    t.after(() => room.close());
    const signalling = await serveRoom(room);
    t.after(() => signalling.close());
    const text = await jest('messages.test.cjs', { ROOM: signalling.url });
    assert.match(text, /2 passed/);
    assert.doesNotMatch(text, /open handle/);
  });
});
