// The test runners of users beside Jest: what was closed keeps none of them. What is open keeps that of Node.js, as a server
// that listens does; Vitest ends its processes and threads itself.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { packageOf } from '../../lib/platform.js';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { vitestFolder, vitestStep } from '../../scripts/lib/vitest.mjs';
import { createRoom } from '../e2e/support/room.mjs';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { Project } from './support/project.js';
import { root, tarballs, unpack } from './support/tarballs.js';

/** How long Vitest waits for what keeps a test file, before it says so: longer than a run may take. */
const TEARDOWN_MS = 300_000;
/** What the package depends on, as it lies here. */
const DEPENDENCIES = ['debug', 'fake-mediastreamtrack', 'mediasoup-client'];

describe('a test runner', () => {
  let app: Project;

  before(async () => {
    await runSteps([vitestStep()], { quiet: true });
    const { main, native } = tarballs();
    app = new Project('http://127.0.0.1:1');
    app.write('package.json', { name: 'app', private: true, type: 'module' });
    const modules = path.join(app.folder, 'node_modules');
    unpack(main, path.join(modules, 'mediasoup-client-pion'));
    unpack(native, path.join(modules, packageOf(process)));
    for (const name of DEPENDENCIES) {
      fs.symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
    }
    fs.symlinkSync(vitestFolder, path.join(modules, 'vitest'));
    for (const name of ['life.mjs', 'node.test.mjs', 'vitest.test.mjs']) app.add(name);
    app.add('peer.mjs', path.join(root, 'test', 'e2e', 'support', 'peer.mjs'));
    app.add('clip.mp4', fixturePath('red-440hz.mp4'));
  });
  after(() => {
    app.remove();
  });

  /** What it says, to its end. */
  async function run(t: TestContext, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const room = await createRoom();
    t.after(() => room.close());
    const signalling = await serveRoom(room);
    t.after(() => signalling.close());
    const { code, stdout, stderr } = await app.run(process.execPath, args, {
      ...env,
      ROOM: signalling.url,
      NO_COLOR: '1',
    });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  const ofNode = ['--test', '--test-reporter=tap', 'node.test.mjs'];
  const ofVitest = (pool: string) => [
    ...[path.join(app.folder, 'node_modules', 'vitest', 'vitest.mjs'), 'run'],
    ...[`--pool=${pool}`, '--testTimeout=60000', `--teardownTimeout=${TEARDOWN_MS}`],
    ...['--reporter=default', '--reporter=hanging-process', 'vitest.test.mjs'],
  ];

  it('of Node.js ends by itself once all is closed', async (t) => {
    assert.match(await run(t, ofNode), /^# pass 1$/m);
  });

  it('of Node.js that is to end whatever is open does so beside an open Worker', async (t) => {
    const text = await run(t, ['--test-force-exit', ...ofNode], { KEEPS_OPEN: '1' });
    assert.match(text, /^# pass 1$/m);
  });

  // Each file in a process of its own, and in a thread.
  for (const pool of ['forks', 'threads']) {
    for (const [what, env] of [
      ['once all is closed', {}],
      ['beside an open Worker', { KEEPS_OPEN: '1' }],
    ] as const) {
      it(`that is Vitest with ${pool} ends by itself ${what}`, async (t) => {
        const text = await run(t, ofVitest(pool), env);
        assert.match(text, /Tests {2}1 passed/);
        assert.doesNotMatch(text, /hanging|timed out|Unhandled/i);
      });
    }
  }
});
