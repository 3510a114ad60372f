// Other runtimes than Node, with what npm installed: the core is loaded by both kinds of module, and a session held.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packageManager } from '../../scripts/lib/package-managers.mjs';
import { answerOf } from './support/project.js';
import { holdSession, installedApp } from './support/session.js';
import { tarballs } from './support/tarballs.js';

for (const [name, flags] of [
  ['bun', []],
  ['deno', ['--allow-all', '--node-modules-dir=manual']],
] as const) {
  describe(`run by ${name}`, () => {
    it('sound, picture and data go through a server and back', async (t) => {
      const app = await installedApp(t, tarballs());
      const run = (...args: string[]) => app.run(packageManager(name), ['run', ...flags, ...args]);
      for (const program of ['load.mjs', 'load.cjs']) {
        app.add(program);
        assert.deepEqual(answerOf(await run(program))['players'], []);
      }
      await holdSession(t, run);
    });
  });
}
