// A session of an installed package with a real server: sound, picture and data go there and come back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fixturePath } from '../../../scripts/lib/fixtures.mjs';
import { packageManagersStep } from '../../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../../scripts/lib/steps.mjs';
import { platformNames } from '../../../scripts/lib/target.mjs';
import { platformManifest } from '../../../scripts/packaging/manifest.mjs';
import { createRoom } from '../../e2e/support/room.mjs';
import { serveRoom } from '../../e2e/support/signalling.mjs';
import { answerOf, Project } from './project.js';
import type { Run } from './project.js';
import { openRegistry } from './registry.js';
import { root } from './tarballs.js';
import type { Tarballs } from './tarballs.js';

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};

/** What the app of a session plays. */
export const clip: string = fixturePath('red-440hz.mp4');

/**
 * An app in a folder of its own, with the packages installed by npm.
 *
 * @param flags - Of `npm install`.
 */
export async function installedApp(
  t: TestContext,
  { main, native }: Tarballs,
  flags: readonly string[] = [],
): Promise<Project> {
  await runSteps([packageManagersStep()], { quiet: true });
  // What a lockfile names beside: npm ci looks for all of it.
  const others = platformNames
    .map(platformManifest)
    .filter(({ name, version }) => path.basename(native) !== `${name}-${version}.tgz`);
  const registry = await openRegistry([main, native], others);
  t.after(() => registry.close());
  const app = new Project(registry.url);
  t.after(() => {
    app.remove();
  });
  app.dependOn({
    'mediasoup-client-pion': version,
    'mediasoup-client': '^3.21.0',
    'fake-mediastreamtrack': '^2.2.1',
  });
  await app.manage('npm', 'install', ...flags);
  app.add('session.mjs');
  app.add('peer.mjs', path.join(root, 'test', 'e2e', 'support', 'peer.mjs'));
  return app;
}

/** A room of a real server. Resolves to the address of its signalling. */
export async function openRoom(t: TestContext): Promise<string> {
  const room = await createRoom();
  t.after(() => room.close());
  const signalling = await serveRoom(room);
  t.after(() => signalling.close());
  return signalling.url;
}

/** Has `run` run the app of a session, whose words it is given, and looks at what came back. */
export async function holdSession(
  t: TestContext,
  run: (...args: string[]) => Promise<Run>,
  file = clip,
): Promise<void> {
  const answer = answerOf(await run('session.mjs', await openRoom(t), file));
  assert.equal(answer['version'], version);
  assert.ok(Number(answer['audio']) > 0 && Number(answer['video']) > 0);
  assert.equal(answer['message'], 'hello');
}
