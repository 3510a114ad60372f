// What a crash of the core leaves, where reports are asked for, and what `doctor --crash` says of it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CRASH_REPORTS } from '../../lib/crashReports.js';
import { version } from '../../lib/version.js';
import { doctor, folderOf, program, reportIn, secret, start } from './support/crashes.js';

const limit = { timeout: 600_000 };
const threads = path.resolve(import.meta.dirname, '../hooks/threads.mjs');
const cli = path.resolve(import.meta.dirname, '../../lib/cli/main.ts');

describe('a crash of the core', { ...limit, concurrency: 2 }, () => {
  for (const [how, kind, where, words] of [
    ['map', 'fault', 'hooks.CrashBy.func', /concurrent map/],
    ['memory', 'memory', 'hooks.withoutMemory', /out of memory|cannot allocate memory/],
    ['c', 'c', 'mscp_crash', /^SIGSEGV: segmentation violation$/m],
  ] as const) {
    it(`leaves a report that says what it was: ${how}`, async (t) => {
      const folder = path.join(folderOf(t), 'made', 'for it');
      const { status, stdout, stderr } = await start(program, [how, secret], {
        [CRASH_REPORTS]: folder,
      }).ended;
      assert.ok(status !== 0 && stdout.includes('open'), stderr);
      assert.match(stderr, words);
      const report = reportIn(folder);
      assert.equal(statSync(report).mode & 0o777, 0o600);
      const written = readFileSync(report, 'utf8');
      assert.ok(!written.includes(secret), 'the environment or the command line is in it');
      assert.ok((written.match(/^goroutine /gm)?.length ?? 0) > 3, 'all goroutines are in it');

      const { crash, words: said } = doctor(report);
      assert.equal(crash.kind, kind, written.slice(0, 3000));
      assert.ok(
        crash.where.some((name) => name.includes(where)),
        crash.where.join(' '),
      );
      assert.ok(crash.where.every((name) => !name.startsWith('runtime.')));
      assert.equal(crash.versions['mediasoup-client-pion'], version);
      assert.equal(crash.versions['Node.js'], process.version);
      assert.ok(crash.versions['system']);
      assert.ok(crash.attach.includes(report));
      for (const part of [version, process.version, report, 'doctor --json', where]) {
        assert.ok(said.includes(part), `${part} is not in:\n${said}`);
      }

      // The same from what Go wrote to standard error, which has more before it.
      const log = path.join(folder, 'log.txt');
      writeFileSync(log, `some line of the app\n${stderr}`);
      const { crash: fromLog } = doctor(log);
      assert.equal(fromLog.kind, kind);
      assert.match(fromLog.message ?? '', words);
    });
  }

  it('of a Worker alone leaves a report of Node.js with the stack of the core', async (t) => {
    const folder = folderOf(t);
    const { status, stderr } = await start(program, ['died', secret], { [CRASH_REPORTS]: folder })
      .ended;
    assert.equal(status, 0, stderr);
    const report = reportIn(folder);
    assert.ok(stderr.includes(report), 'the log tells where it is');
    assert.equal(statSync(report).mode & 0o777, 0o600);
    const written = readFileSync(report, 'utf8');
    assert.ok(!written.includes(secret), 'the environment or the command line is in it');
    const { javascriptStack, libuv } = JSON.parse(written) as Record<string, unknown>;
    assert.ok(javascriptStack && libuv, 'it is a report of Node.js');
    const { crash } = doctor(report);
    assert.equal(crash.kind, 'died');
    assert.match(crash.message ?? '', /deliberate panic/);
    assert.match(crash.where[0] ?? '', /registerHooks/);
    assert.equal(crash.versions['mediasoup-client-pion'], version);
    assert.ok(crash.attach.includes(report));
  });

  it('leaves none unless that is asked for, and doctor reads what Go wrote', async (t) => {
    const folder = folderOf(t);
    const { stderr } = await start(program, ['map'], { [CRASH_REPORTS]: '' }).ended;
    const log = path.join(folder, 'log.txt');
    writeFileSync(log, stderr);
    const { crash } = doctor(log);
    assert.equal(crash.kind, 'fault');
    assert.deepEqual(crash.versions, {});
  });

  for (const [whose, words] of Object.entries({
    "Go's own": `runtime: program exceeds 10000-thread limit
fatal error: thread exhaustion

runtime stack:
runtime.throw({0x4ac381?, 0x0?})
\t/usr/local/go/src/runtime/panic.go:1229 +0x48 fp=0x290bd0b0be08 sp=0x290bd0b0bdd8 pc=0x477648
runtime.checkmcount()
\t/usr/local/go/src/runtime/proc.go:977 +0x8e fp=0x290bd0b0be30 sp=0x290bd0b0be08 pc=0x448cce

goroutine 1 gp=0x290bd09781e0 m=nil [select (no cases)]:
runtime.gopark(0x451480?, 0x4b37e0?, 0xe0?, 0x81?, 0x4898cd?)
\t/usr/local/go/src/runtime/proc.go:462 +0xce fp=0x290bd09e4ef8 sp=0x290bd09e4ed8 pc=0x47772e
`,
    "the system's": 'runtime/cgo: pthread_create failed: Resource temporarily unavailable\n',
  })) {
    it(`for want of threads is told by doctor, where the limit was ${whose}`, (t) => {
      const log = path.join(folderOf(t), 'log.txt');
      writeFileSync(log, words);
      const { crash } = doctor(log);
      assert.equal(crash.kind, 'threads');
      assert.match(crash.cure, /ulimit -u.*pids\.max.*10,000/);
    });
  }
});

describe('where reports of crashes are asked for', { ...limit, concurrency: 2 }, () => {
  it('an app that ends by itself leaves none; until then there is one that says so', async (t) => {
    const folder = folderOf(t);
    const { child, opened, ended } = start(program, ['none'], { [CRASH_REPORTS]: folder });
    await opened;
    const { crash } = doctor(reportIn(folder));
    assert.equal(crash.kind, 'none');
    // C ends the process without a word in the report where it gets no thread.
    assert.match(crash.cure, /"pthread_create failed" on standard error \(no more threads\)/);
    assert.equal(crash.versions['mediasoup-client-pion'], version);
    child.stdin.end();
    assert.equal((await ended).status, 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  // What its threads do, and how many reports there are after each.
  for (const steps of [
    'main 1',
    'main 1, exit',
    'thread 0',
    'thread 0, thread 0',
    'thread 0, main 1',
    'thread 0, main 1, thread 1, exit',
    'main 1, thread 1, terminated 1',
    'terminated 0',
    'running 1',
    'running 1, exit',
    'running 1, main 1',
    'running 1, main 1, exit',
    'running 1, running 1, thread 1, exit',
  ]) {
    it(`a process that ends by itself leaves none, whichever threads it had: ${steps}`, async (t) => {
      const folder = folderOf(t);
      const names = steps.split(', ').map((step) => step.split(' ')[0] ?? '');
      const { status, stdout, stderr } = await start(threads, names, {
        [CRASH_REPORTS]: folder,
        DEBUG: '',
      }).ended;
      assert.equal(status, 0, stderr);
      assert.equal(stdout.trim().replaceAll('\n', ', '), steps.replace(', exit', ''));
      assert.deepEqual(readdirSync(folder), []);
    });
  }

  it('an app goes on if there can be none, and its log says why', async (t) => {
    const file = path.join(folderOf(t), 'file');
    writeFileSync(file, '');
    const { child, ended } = start(program, ['none'], {
      [CRASH_REPORTS]: path.join(file, 'below'),
    });
    child.stdin.end();
    const { status, stderr } = await ended;
    assert.equal(status, 0);
    assert.match(stderr, /crashes leave no report: .*ENOTDIR/);
  });

  it('faults that are no crash still are none: of WebAssembly, and of Go that recovers', async (t) => {
    const { child, ended } = start(program, ['faults'], { [CRASH_REPORTS]: folderOf(t) });
    child.stdin.end();
    const { status, stdout, stderr } = await ended;
    assert.equal(status, 0, stderr);
    assert.match(stdout, /RuntimeError: memory access out of bounds/);
    assert.match(stdout, /nil pointer dereference/);
  });
});

describe('doctor --crash', limit, () => {
  it('says that other files are none', (t) => {
    const file = path.join(folderOf(t), 'file');
    for (const content of [
      '',
      '{}',
      'null',
      '[1]',
      '{"report":1}',
      'panic at the disco',
      '\u0000'.repeat(1000),
    ]) {
      writeFileSync(file, content);
      const { crash } = doctor(file);
      assert.equal(crash.kind, 'unknown', content);
      assert.deepEqual(crash.attach, []);
    }
  });

  it('prints it in words or as JSON, and its status tells whether it is a report', async (t) => {
    const file = path.join(folderOf(t), 'file');
    writeFileSync(
      file,
      'fatal error: concurrent map writes\n\ngoroutine 1 [running]:\nmain.main()\n',
    );
    const { crash, words } = doctor(file);
    assert.deepEqual([crash.kind, crash.where, crash.goroutines], ['fault', ['main.main'], 1]);
    const plain = await start(cli, ['doctor', '--crash', file]).ended;
    assert.deepEqual([plain.status, plain.stdout], [0, `${words}\n`], plain.stderr);
    const json = await start(cli, ['doctor', '--json', '--crash', file]).ended;
    assert.deepEqual([json.status, JSON.parse(json.stdout)], [0, crash]);
    writeFileSync(file, 'x');
    assert.equal((await start(cli, ['doctor', '--crash', file]).ended).status, 1);
  });

  it('refuses a file that is not there, and a call without one', async () => {
    const missing = await start(cli, ['doctor', '--crash', '/nowhere/report']).ended;
    assert.deepEqual([missing.status, missing.stdout], [1, '']);
    assert.match(missing.stderr, /ENOENT.*\/nowhere\/report/);
    assert.equal((await start(cli, ['doctor', '--crash']).ended).status, 2);
  });
});
