// npm run bench, as a user starts it: that it measures, not what.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

type Results = {
  cases: Record<
    string,
    { rows: { key: string; clients: Record<string, { median: number }> }[]; failures: string[] }
  >;
};

function bench(...args: string[]) {
  return spawnSync(process.execPath, ['bench/run.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 600_000,
  });
}

test('the benchmark measures, prints one table and ends well whatever the numbers are', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const json = join(folder, 'results.json');
  const names = [
    'startup',
    'bots',
    'data',
    'reading',
    'writing',
    'generators',
    'sound-delay',
    'recording',
  ];
  const options = ['--quick', '--peers=none', `--only=${names.join(',')}`, `--json=${json}`];
  const { status, stdout, stderr } = bench(...options);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /library loaded and factory ready, ms +\d/);
  assert.match(stdout, /\d+ of \d+ targets are met/);

  const { cases } = JSON.parse(readFileSync(json, 'utf8')) as Results;
  assert.deepEqual(Object.keys(cases), names);
  for (const [name, { rows, failures }] of Object.entries(cases)) {
    assert.deepEqual(failures, [], name);
    const measured = rows.filter(({ clients }) => clients['ours']);
    assert.ok(measured.length > 0, name);
    for (const { key, clients } of measured) {
      const median = clients['ours']?.median ?? NaN;
      // Differences may be below nothing.
      const least = ['onTop', 'against'].includes(key) ? -100 : 0;
      assert.ok(Number.isFinite(median) && median >= least, `${name}, ${key}: ${median}`);
    }
  }
  const cpu = cases['bots']?.rows.find(({ key }) => key === 'cpu20')?.clients['ours'];
  assert.ok(cpu && cpu.median > 0);
  const rate = cases['data']?.rows.find(({ key }) => key === 'perSecond1024')?.clients['ours'];
  assert.ok(rate && rate.median > 0);
  for (const [name, key] of [
    ['reading', 'pictures'],
    ['writing', 'pictures'],
    ['generators', 'kbits'],
    ['sound-delay', 'tones'],
  ] as const) {
    const done = cases[name]?.rows.find((row) => row.key === key)?.clients['ours'];
    assert.ok(done && done.median > 1, `${name}: ${done?.median} ${key}`);
  }
});

test('the benchmark refuses what it does not know, and tells how to ask', () => {
  const { status, stderr } = bench('--only=dance');
  assert.equal(status, 2);
  assert.match(stderr, /dance[^]*--help/);
  const help = bench('--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /bots-a-core/);
});
