// The limit of a container's memory: what the kernel does then, and what is left.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CRASH_REPORTS } from '../../lib/crashReports.js';
import { decode, folder } from '../e2e/recordings.js';
import { fileTrack, flows, join, openRoom } from '../e2e/session.js';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { doctor } from '../unit/support/crashes.js';
import { runLife } from './apps.js';
import { clip } from './participants.js';
import { memoryGroup } from './support/memory-group.js';

/** More than its buffers and what it loads late need, and less than the file that it reads. */
const LIMIT = 96 << 20;

test('at the limit of memory what the system keeps of files gives way, and a process that wants more is killed: its recording plays, its report says to look for that, and others go on', async (t) => {
  const group = memoryGroup(t, LIMIT);
  if (!group) {
    t.skip('this system lets nobody make a group of processes with a limit of memory');
    return;
  }
  const room = await openRoom(t);
  const signalling = await serveRoom(room);
  t.after(() => signalling.close());
  const other = await join(room);
  const producer = await (
    await other.createSendTransport()
  ).produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
  const consumer = await other.consume(producer);
  await flows(consumer);

  const at = folder(t);
  const [recording, large, reports] = ['r.webm', 'large', 'reports'].map((name) =>
    path.join(at, name),
  ) as [string, string, string];
  writeFileSync(large, Buffer.alloc(2 * LIMIT));
  const args = [signalling.url, clip, recording, group.name, large];
  const { stdout, stderr, ...how } = await runLife('memory-limit.mjs', args, {
    env: { [CRASH_REPORTS]: reports },
    then: (pid) => {
      group.add(pid);
    },
    // Until the kernel does it.
    endsWithinMs: 110_000,
  });
  assert.deepEqual(how, { code: null, signal: 'SIGKILL' }, stderr);
  assert.match(stdout, /^flows\ngave way\n$/);
  assert.equal(stderr, '');
  assert.equal(group.kills(), 1);
  for (const { frames } of await decode(recording)) assert.ok(frames > 3, `${frames} frames`);

  const [report = '', ...more] = readdirSync(reports);
  assert.deepEqual(more, []);
  assert.equal(readFileSync(path.join(reports, report), 'utf8').trim().split('\n').length, 1);
  assert.match(doctor(path.join(reports, report)).words, /dmesg/);
  await flows(consumer);
});
