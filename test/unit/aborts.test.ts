// abort(), which neither Go nor Node.js has words for: where reports of crashes are asked for, it leaves one, and ends the
// process as it does without.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { CRASH_REPORTS } from '../../lib/crashReports.js';
import { version } from '../../lib/version.js';
import { doctor, folderOf, program, reportIn, start } from './support/crashes.js';
import type { Ended } from './support/crashes.js';

const run = (folder: string, how: string, flags: string[] = []): Promise<Ended> =>
  start(program, [how], { [CRASH_REPORTS]: folder }, flags).ended;

/** What `doctor --crash` says of the report that is left. */
function told(folder: string) {
  const report = reportIn(folder);
  const { crash, words } = doctor(report);
  const written = readFileSync(report, 'utf8');
  assert.ok(crash.goroutines > 1, `no goroutines are in\n${written}`);
  assert.equal(crash.versions['mediasoup-client-pion'], version);
  assert.ok(crash.attach.includes(report));
  return { ...crash, words };
}

describe('abort()', { timeout: 300_000, concurrency: 2 }, () => {
  for (const [name, how, function_, message] of [
    ['of C that Go has called', 'abort', 'mscp_abort', /^SIGABRT: abort\(\) on thread \d+ \(.+\)$/],
    [
      'on a thread of C',
      'abort elsewhere',
      'mscp_abort_elsewhere',
      /^SIGABRT: abort\(\) on thread/,
    ],
    ['on the thread of JavaScript', 'main', undefined, /^SIGABRT: abort\(\) on the main thread$/],
  ] as const) {
    it(`${name} leaves a report with Go's stacks, and ends the process by SIGABRT`, async (t) => {
      const folder = folderOf(t);
      const { status, signal, stderr } = await run(folder, how);
      assert.deepEqual([status, signal], [null, 'SIGABRT'], stderr);
      const crash = told(folder);
      assert.equal(crash.kind, 'abort');
      assert.match(crash.message ?? '', message);
      if (function_ === undefined) assert.deepEqual(crash.where, []);
      else assert.match(crash.where[0] ?? '', new RegExp(`_Cfunc_${function_}$`));
    });
  }

  it('that somebody sends leaves a report that says who', async (t) => {
    const folder = folderOf(t);
    const { child, opened, ended } = start(program, ['none'], { [CRASH_REPORTS]: folder });
    await opened;
    child.kill('SIGABRT');
    assert.equal((await ended).signal, 'SIGABRT');
    const crash = told(folder);
    assert.deepEqual(
      [crash.kind, crash.message, crash.where],
      ['signal', `SIGABRT: sent by process ${process.pid}`, []],
    );
  });

  it('of Node.js that has no memory leaves both reports, its own as well', async (t) => {
    const [folder, node] = [folderOf(t), folderOf(t)];
    const { signal, stderr } = await run(folder, 'heap', [
      '--max-old-space-size=64',
      '--report-on-fatalerror',
      `--report-directory=${node}`,
    ]);
    assert.equal(signal, 'SIGABRT', stderr);
    assert.match(stderr, /heap out of memory/);
    const { kind, words } = told(folder);
    assert.equal(kind, 'abort');
    assert.match(words, /Node\.js gave up \(it had no memory left, say\)/);
    assert.match(words, /--report-on-fatalerror/);
    const report = JSON.parse(readFileSync(reportIn(node), 'utf8')) as {
      header: { event: string };
    };
    assert.match(report.header.event, /heap out of memory|Allocation failed/);
  });

  it('of --abort-on-uncaught-exception ends the process as it does without reports', async (t) => {
    const flags = ['--abort-on-uncaught-exception'];
    const with_ = await run(folderOf(t), 'throws', flags);
    const without = await run('', 'throws', flags);
    assert.deepEqual([with_.status, with_.signal], [without.status, without.signal]);
    assert.match(with_.stderr, /deliberate/);
  });

  for (const [name, how] of [
    ["is the app's, which listens to it", 'listens'],
    ["is the app's, which has listened before", 'listens before'],
    ['in a copy that fork() has made is none of the process', 'abort in a copy'],
  ] as const) {
    it(`${name}: no report is left`, async (t) => {
      const folder = folderOf(t);
      const { status, signal, stderr } = await run(folder, how);
      assert.deepEqual([status, signal], [0, null], stderr);
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});
