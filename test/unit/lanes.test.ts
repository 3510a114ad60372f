// How npm test shares out the processors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { run, runLanes, textOf } from '../../scripts/lib/lanes.mjs';
import { failuresOf } from '../../scripts/testing/failures.mjs';

/** How a process is scheduled, of /proc/PID/stat. */
function schedulingOf(stat: string): { nice: number; policy: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { nice: Number(fields[16]), policy: Number(fields[38]) };
}

const SCHED_IDLE = 5;

it('what computes is patient from its first command on while something plays, and else is not', async () => {
  const scheduled = async (lanes: (computed: Promise<void>) => object[][]) => {
    let scheduling = { nice: 0, policy: 0 };
    let computed = (): void => undefined;
    const isComputed = new Promise<void>((resolve) => (computed = resolve));
    const compute = async () => {
      scheduling = schedulingOf(await textOf('cat', ['/proc/self/stat']));
      computed();
    };
    const computing = [{ name: 'computes', about: '', compute }];
    await runLanes({ computing, lanes: lanes(isComputed), isSideBySide: true });
    return scheduling;
  };
  const beside = await scheduled((computed) => [
    [{ name: 'plays', about: '', run: () => computed }],
  ]);
  assert.ok(beside.policy === SCHED_IDLE || beside.nice === 19, JSON.stringify(beside));
  const own = schedulingOf(readFileSync('/proc/self/stat', 'utf8'));
  assert.deepEqual(await scheduled(() => []), own);
});

it('with one processor everything comes one after the other, and what computes first', async () => {
  const steps: string[] = [];
  const takes = (name: string) => async () => {
    steps.push(`${name} begins`);
    await setImmediate();
    steps.push(`${name} ends`);
  };
  const plays = (name: string) => ({ name, about: '', run: takes(name) });
  const both = { ...plays('both'), compute: takes('computing') };
  const lanes = [[plays('one'), both], [plays('other')]];
  const results = await runLanes({ computing: [both], lanes, isSideBySide: false });
  assert.deepEqual(
    steps,
    ['computing', 'one', 'both', 'other'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  assert.ok(results.every(({ failed }) => !failed));
});

it('what failed is told at the end, from where its test runner tells of it', async () => {
  const prints = (name: string, text: string, status: number) => ({
    name,
    about: '',
    run: () => run('sh', ['-c', `printf '%b' "$0"; exit ${status}`, text]),
  });
  const results = await runLanes({
    computing: [],
    lanes: [
      [
        prints('node', 'ok\\n✖ one\\n✖ failing tests:\\n\\n✖ one\\n  Error: why', 1),
        prints('passes', '✖ failing tests:', 0),
        prints(
          'go',
          'ok a\\n--- FAIL: TestOne\\n  one_test.go:1: why\\nFAIL\\nok  \\ta.b/c/d\\t1.2s\\n?   \\ta.b/c/e\\t[no test files]\\nFAIL',
          1,
        ),
        prints('else', `first\\n${'more\\n'.repeat(100)}last`, 1),
      ],
    ],
    isSideBySide: true,
  });
  const told = failuresOf(results).join('\n');
  assert.match(
    told,
    /^--- node\n✖ failing tests:\n\n✖ one\n {2}Error: why\n.*\n\n--- go\n--- FAIL: TestOne\n {2}one_test.go:1: why\nFAIL\nFAIL\n/,
  );
  assert.match(told, /--- else\nmore\n(?:more\n)+last\nsh .*exit status 1\n$/);
  assert.doesNotMatch(told, /^(?:--- passes|first|ok)/m);
});
