// The system's fork() by other native code of the app: as long as the child only ends, or starts a program, its parent goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CRASH_REPORTS } from '../../lib/crashReports.js';
import { decode, folder } from '../e2e/recordings.js';
import { root } from '../unit/waist/native.js';
import { openServedRoom, runLife } from './apps.js';
import { clip } from './participants.js';

test('a process whose native code forks goes on, and its child takes nothing of it along', async (t) => {
  const at = folder(t);
  const addon = path.join(at, 'fork.node');
  const headers = path.join(root, 'node_modules', 'node-api-headers', 'include');
  const source = path.join(import.meta.dirname, 'support', 'native-fork.c');
  execFileSync('cc', ['-shared', '-fPIC', `-I${headers}`, '-o', addon, source]);
  const recording = path.join(at, 'r.webm');
  const reports = path.join(at, 'reports');
  const args = [await openServedRoom(t), clip, recording, addon];
  const ended = await runLife('native-fork.mjs', args, { env: { [CRASH_REPORTS]: reports } });
  const { stdout, stderr, ...how } = ended;
  assert.deepEqual(how, { code: 0, signal: null }, stderr);
  assert.match(stdout, /^flows\ngoroutines \d+\nclosed\n$/);
  assert.equal(stderr, '');
  for (const { frames } of await decode(recording)) assert.ok(frames > 3, `${frames} frames`);
  // The file for a crash is the parent's: a child that ends does not take it for its own, and here is none.
  assert.deepEqual(readdirSync(reports), []);
});
