// The oldest system that the packages are for: Debian 11, with glibc 2.31, and a session with a real server on it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { commandInRoot, debianRoot } from '../../scripts/lib/debian-root.mjs';
import { nodePrograms, nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import type { Project, Run } from './support/project.js';
import { clip, holdSession, installedApp } from './support/session.js';
import { tarballs } from './support/tarballs.js';

/** Runs Node in the older Debian, in a project's folder. */
function runInside(app: Project, node: string, args: string[]): Promise<Run> {
  const seen = [app.folder, path.dirname(node), path.dirname(clip)];
  const [program, words] = commandInRoot(debianRoot, seen, app.folder, node, args) as [
    string,
    string[],
  ];
  return app.run(program, words, { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' });
}

describe('on Debian 11', () => {
  it('sound, picture and data go through a server and back', async (t) => {
    await runSteps([nodeVersionsStep()], { quiet: true });
    const app = await installedApp(t, tarballs());
    const node = nodePrograms().find(({ major }) => major === 22)?.program ?? process.execPath;
    const glibc = 'process.report.getReport().header.glibcVersionRuntime';
    const inside = await runInside(app, node, ['--print', glibc]);
    assert.equal(inside.stdout.trim(), '2.31');
    await holdSession(t, (...args) => runInside(app, node, args));
  });
});
