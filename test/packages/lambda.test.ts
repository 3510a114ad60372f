// A function of AWS Lambda: the package from a deployment folder that is read-only, invoked over and over in one process.
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { lambdaStep } from '../../scripts/lib/lambda.mjs';
import { nodeRootStep } from '../../scripts/lib/node-root.mjs';
import { nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { Lambda } from './support/lambda.js';
import { clip, installedApp, openRoom } from './support/session.js';
import { tarballs } from './support/tarballs.js';

/** What AWS allows a function to have, unpacked, and what the guide says of the memory. */
const MOST_BYTES = 250 * 1024 * 1024;
const MOST_MEMORY_KB = 256 * 1024;

type Answer = {
  count: number;
  pid: number;
  packets: number[];
  message: string;
  recorded: { frames: number; bytes: number; files: string[] };
  before?: { states: string[]; received: number[] };
  maxRSS: number;
} & Record<string, unknown>;

before(() =>
  runSteps(
    [
      packagesStep('build'),
      packagesStep('package'),
      nodeVersionsStep(),
      packageManagersStep(),
      nodeRootStep(),
      lambdaStep(),
    ],
    { quiet: true },
  ),
);

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(path.join(folder, name)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

/** Resolves with how to invoke the function. */
async function deployed(t: TestContext): Promise<(event: object) => Promise<Answer>> {
  const app = await installedApp(t, tarballs(), ['--omit=dev']);
  app.add('function.mjs');
  app.add('clip.mp4', clip);
  chmodSync(app.folder, 0o755);
  const bytes = bytesIn(app.folder);
  t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MB are deployed`);
  assert.ok(bytes < MOST_BYTES, String(bytes));
  const lambda = await Lambda.start(app, 'function.handler', {
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_FUNCTION_TIMEOUT: '60',
  });
  t.after(() => lambda.end());
  return (event) => lambda.invoke(event) as Promise<Answer>;
}

function assertHeld({ packets, message, recorded, ...answer }: Answer): void {
  assert.equal(answer['root'], '/var/task');
  assert.notEqual(answer['uid'], 0);
  assert.ok(packets.length === 2 && packets.every((count) => count > 0), String(packets));
  assert.equal(message, 'hello');
  assert.ok(recorded.frames > 10 && recorded.bytes > 1000, JSON.stringify(recorded));
  assert.deepEqual(recorded.files, ['recording.webm']);
  assert.ok(answer.maxRSS < MOST_MEMORY_KB, String(answer.maxRSS));
}

describe('a function of AWS Lambda', () => {
  it('holds a session with a server at each invocation, and records it in /tmp', async (t) => {
    const invoke = await deployed(t);
    const server = await openRoom(t);
    const first = await invoke({ server });
    assertHeld(first);
    const second = await invoke({ server });
    assertHeld(second);
    assert.deepEqual([first.count, second.count], [1, 2]);
    assert.equal(second.pid, first.pid);
    t.diagnostic(`${(second.maxRSS / 1024).toFixed(0)} MB of memory at the most`);
  });

  it('goes on with a session that was left open, when it stood still for ten seconds', async (t) => {
    const invoke = await deployed(t);
    const server = await openRoom(t);
    const first = await invoke({ server, leaveOpen: true });
    assertHeld(first);
    process.kill(first.pid, 'SIGSTOP');
    await delay(Number(process.env['FREEZE'] ?? 10_000));
    process.kill(first.pid, 'SIGCONT');
    const second = await invoke({ server });
    assertHeld(second);
    t.diagnostic(JSON.stringify(second.before));
    assert.ok(second.before?.received.every((count) => count > 0));
  });
});
