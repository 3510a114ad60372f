// The package loaded again and again in one process, with its modules taken out of the cache: hot reloads, Jest's resetModules().
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { CRASH_REPORTS } from '../../lib/crashReports.js';
import { folder } from '../e2e/recordings.js';
import { openServedRoom, runLife } from './apps.js';
import { clip } from './participants.js';

const RELOADS = 50;

test(`${RELOADS} reloads leave no copy behind, and what an old copy has open works on`, async (t) => {
  const args = [await openServedRoom(t), clip, String(RELOADS)];
  const reports = folder(t);
  const { code, stdout, stderr } = await runLife('reloads.mjs', args, {
    flags: ['--expose-gc'],
    env: { [CRASH_REPORTS]: reports },
  });
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(readdirSync(reports), []);
  const { alive, grown, goroutines } = JSON.parse(stdout) as Record<string, number>;
  assert.equal(alive, 0, 'copies are left');
  // A copy takes 1.3 MB.
  assert.ok(Number(grown) < RELOADS * 0.1, `${grown} MB more`);
  assert.ok(Number(goroutines) < RELOADS / 5, `${goroutines} goroutines more`);
});
