// How a process ends while sound, picture, messages, frames and a recording are at work in it: as Node.js has it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { decode, folder } from '../e2e/recordings.js';
import { until } from '../e2e/session.js';
import { openServedRoom, runLife } from './apps.js';
import type { Ended } from './apps.js';
import { clip, isLong } from './participants.js';

type End = { ending: string; signal?: NodeJS.Signals; flags?: string[]; is: Partial<Ended> };

const ends: Record<string, End> = {
  'closes everything': { ending: 'closes', is: { code: 0 } },
  'calls process.exit()': { ending: 'exits', is: { code: 3 } },
  'calls process.exit() in a listener': { ending: 'exitsInAListener', is: { code: 3 } },
  'calls process.exit() while it closes': { ending: 'exitsWhileItCloses', is: { code: 3 } },
  'uses it when process.exit() was called': { ending: 'usesItInItsLastMoment', is: { code: 3 } },
  throws: { ending: 'throws', is: { code: 1 } },
  'throws in a listener to a signal': { ending: 'throwsInAListener', is: { code: 1 } },
  'rejects a promise': { ending: 'rejects', is: { code: 1 } },
  'lives on after an error': { ending: 'livesOnAfterAnError', is: { code: 0 } },
  aborts: { ending: 'aborts', is: { signal: 'SIGABRT' } },
  'gets SIGINT': { ending: 'waits', signal: 'SIGINT', is: { signal: 'SIGINT' } },
  'gets SIGTERM': { ending: 'waits', signal: 'SIGTERM', is: { signal: 'SIGTERM' } },
  'gets SIGHUP': { ending: 'waits', signal: 'SIGHUP', is: { signal: 'SIGHUP' } },
  'gets SIGQUIT': { ending: 'waits', signal: 'SIGQUIT', is: { signal: 'SIGQUIT' } },
  'gets SIGKILL': { ending: 'waits', signal: 'SIGKILL', is: { signal: 'SIGKILL' } },
  'writes a heap snapshot': { ending: 'writesAHeapSnapshot', is: { code: 0 } },
  'stands at a breakpoint for 5 s': { ending: 'isPausedByADebugger', is: { code: 0 } },
  'is stopped for 5 s': { ending: 'isStopped', is: { code: 0 } },
  'starts programs, which have none of its files': { ending: 'startsPrograms', is: { code: 0 } },
  'forks one like itself': { ending: 'forks', is: { code: 0 } },
  'is the primary of a cluster': { ending: 'isThePrimaryOfACluster', is: { code: 0 } },
  'changes its folder and its user': { ending: 'changesItsFolderAndItsUser', is: { code: 0 } },
  'has frozen intrinsics and makes no code of strings': {
    ending: 'closes',
    flags: [
      '--frozen-intrinsics',
      '--disallow-code-generation-from-strings',
      '--disable-proto=throw',
      '--no-warnings',
    ],
    is: { code: 0 },
  },
  'writes a report': { ending: 'writesAReport', is: { code: 0 } },
};

/** Of each kind one. */
const SHARE = [
  'usesItInItsLastMoment',
  'throws',
  'livesOnAfterAnError',
  'isPausedByADebugger',
  'startsPrograms',
  'changesItsFolderAndItsUser',
];
const isWanted = ({ ending, signal, flags }: End): boolean =>
  isLong || SHARE.includes(ending) || signal === 'SIGTERM' || flags !== undefined;

describe('a process', { concurrency: 6 }, () => {
  for (const [name, { ending, signal, flags, is }] of Object.entries(ends).filter(([, end]) =>
    isWanted(end),
  )) {
    it(`that ${name} ends as others do, and its recording plays`, async (t) => {
      const recording = path.join(folder(t), 'r.webm');
      const ended = await runLife('app.mjs', [await openServedRoom(t), clip, recording, ending], {
        ...(flags && { flags }),
        then: (pid) => {
          if (signal) process.kill(pid, signal);
        },
      });
      const { stdout, stderr, ...how } = ended;
      assert.deepEqual(how, { code: null, signal: null, ...is }, stderr);
      assert.match(stdout, /^flows\n/);
      if (is.code === 1) assert.match(stderr, /Error: deliberate/);
      // What Node.js says of an abort and of a report, it says there.
      else if (!/^(aborts|writesAReport)$/.test(ending)) assert.equal(stderr, '');
      for (const { frames } of await decode(recording)) assert.ok(frames > 3, `${frames} frames`);
    });
  }

  it('that was forked ends with its parent, which is killed, where it listens to that', async (t) => {
    const args = [await openServedRoom(t), clip, path.join(folder(t), 'r.webm')];
    const { signal, stdout, stderr } = await runLife('forks.mjs', [...args, 'endsWithItsParent'], {
      then: (pid) => {
        process.kill(pid, 'SIGKILL');
      },
    });
    assert.deepEqual([signal, stderr], ['SIGKILL', '']);
    const child = Number(/^child (\d+)$/m.exec(stdout)?.[1]);
    await until('the child has ended', () => !existsSync(`/proc/${child}`));
  });
});
