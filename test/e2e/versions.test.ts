// The lowest and the newest mediasoup-client that the package is for, each in a project of its own: as the only copy, and
// beside the other one, where the app has another than the package.
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
const { dependencies } = createRequire(import.meta.url)(path.join(root, 'package.json')) as {
  dependencies: Record<string, string>;
};

/** A user's project: the package as it was built, the mediasoup-client of the app, and that of the package. */
function makeProject(t: TestContext, ofApp: string, ofPackage: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'versions-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const own = path.join(folder, 'node_modules', 'mediasoup-client-pion');
  fs.mkdirSync(own, { recursive: true });
  // A link would lead back to the copy of mediasoup-client that is beside the sources.
  for (const name of ['package.json', 'dist']) {
    fs.cpSync(path.join(root, name), path.join(own, name), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'build'), path.join(own, 'build'));
  for (const name of Object.keys(dependencies)) {
    const target = name === 'mediasoup-client' ? ofApp : name;
    fs.symlinkSync(path.join(modules, target), path.join(folder, 'node_modules', name));
  }
  if (ofPackage !== ofApp) {
    fs.mkdirSync(path.join(own, 'node_modules'));
    fs.symlinkSync(
      path.join(modules, ofPackage),
      path.join(own, 'node_modules', 'mediasoup-client'),
    );
  }
  for (const name of ['version-client.mjs', 'peer.mjs']) {
    fs.cpSync(path.join(import.meta.dirname, 'support', name), path.join(folder, name));
  }
  return folder;
}

const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(path.join(modules, name, 'package.json')) as { version: string })
    .version;

const [lowest, newest] = ['mediasoup-client-lowest', 'mediasoup-client'] as const;

for (const [ofApp, ofPackage] of [
  [lowest, lowest],
  [newest, newest],
  [lowest, newest],
  [newest, lowest],
] as const) {
  const isOneCopy = ofApp === ofPackage;
  const beside = isOneCopy ? '' : ` beside the package's ${versionOf(ofPackage)}`;
  for (const way of ['createFactory', 'createWorker']) {
    test(`${way}() and mediasoup-client ${versionOf(ofApp)}${beside}: sound, picture and messages`, async (t) => {
      const room = await openRoom(t);
      const served = await serveRoom(room);
      t.after(() => served.close());
      const folder = makeProject(t, ofApp, ofPackage);
      const script = path.join(folder, 'version-client.mjs');
      const { stdout } = await run(
        process.execPath,
        [script, served.url, fixture('red-440hz.mp4'), way],
        { cwd: folder, timeout: 60_000 },
      );
      assert.deepEqual(JSON.parse(stdout), {
        node: process.versions.node,
        version: versionOf(ofApp),
        isOneCopy,
        handlerName: 'Aiortc',
        kinds: ['audio', 'video'],
        waiting: [],
        label: 'chat',
        got: ['hello', 'again'],
      });
    });
  }
}

test('the package brings mediasoup-client, from the lowest version on', () => {
  assert.equal(dependencies['mediasoup-client'], `^${versionOf(lowest)}`);
});
