// The lowest and the newest mediasoup-client that the package is for, each in a project of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { fixture, openRoom } from './session.js';
import { serveRoom } from './support/signalling.mjs';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const modules = path.join(root, 'node_modules');
const { dependencies, peerDependencies } = createRequire(import.meta.url)(
  path.join(root, 'package.json'),
) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;

/** A user's project: the package as it was built, and the given mediasoup-client beside it. */
function makeProject(t: TestContext, mediasoupClient: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'versions-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const own = path.join(folder, 'node_modules', 'mediasoup-client-pion');
  fs.mkdirSync(own, { recursive: true });
  // A link would lead back to the copy of mediasoup-client that is beside the sources.
  for (const name of ['package.json', 'dist']) {
    fs.cpSync(path.join(root, name), path.join(own, name), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'build'), path.join(own, 'build'));
  const links = { ...dependencies, 'mediasoup-client': mediasoupClient };
  for (const name of Object.keys(links)) {
    const target = name === 'mediasoup-client' ? mediasoupClient : name;
    fs.symlinkSync(path.join(modules, target), path.join(folder, 'node_modules', name));
  }
  for (const name of ['version-client.mjs', 'peer.mjs']) {
    fs.cpSync(path.join(import.meta.dirname, 'support', name), path.join(folder, name));
  }
  return folder;
}

const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(path.join(modules, name, 'package.json')) as { version: string })
    .version;

for (const name of ['mediasoup-client-lowest', 'mediasoup-client']) {
  for (const way of ['createFactory', 'createWorker']) {
    test(`${way}() and mediasoup-client ${versionOf(name)}: sound, picture and messages`, async (t) => {
      const room = await openRoom(t);
      const served = await serveRoom(room);
      t.after(() => served.close());
      const folder = makeProject(t, name);
      const script = path.join(folder, 'version-client.mjs');
      const { stdout } = await run(
        process.execPath,
        [script, served.url, fixture('red-440hz.mp4'), way],
        { cwd: folder, timeout: 60_000 },
      );
      assert.deepEqual(JSON.parse(stdout), {
        node: process.versions.node,
        version: versionOf(name),
        isOneCopy: true,
        handlerName: 'Aiortc',
        kinds: ['audio', 'video'],
        label: 'chat',
        got: ['hello', 'again'],
      });
    });
  }
}

test('the lowest version is the one that the package asks for', () => {
  assert.equal(peerDependencies['mediasoup-client'], `^${versionOf('mediasoup-client-lowest')}`);
});
