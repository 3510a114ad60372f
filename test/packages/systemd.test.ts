// The unit of docs/deploying.md, started by a systemd that has booted a Debian: what it lets an app do, and how it ends.
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { packagesStep } from '../../scripts/lib/apt.mjs';
import { nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { systemdRoot, systemdRootStep } from '../../scripts/lib/systemd-root.mjs';
import { readCrash } from '../../lib/cli/crash.js';
import { createRoom } from '../e2e/support/room.mjs';
import type { Room } from '../e2e/support/room.mjs';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { blockOfGuide, guide } from './support/guide.js';
import { Machine } from './support/machine.js';
import { clip, installedApp } from './support/session.js';
import { tarballs } from './support/tarballs.js';

const UNITS = '/etc/systemd/system';
const unit = blockOfGuide('text', /^# .*\/app\.service$/m);
const hardening = blockOfGuide('text', /^# .*\/hardening\.conf$/m);

type Works = {
  uid: number;
  packets: number[];
  message: string;
  recorded: { file: string; frames: number; bytes: number };
  sockets: number;
};

let machine: Machine;
let room: Room;
let signalling: Awaited<ReturnType<typeof serveRoom>>;

before(async () => {
  await runSteps([packagesStep('package'), nodeVersionsStep(), systemdRootStep()], {
    quiet: true,
  });
  machine = new Machine(systemdRoot);
  room = await createRoom();
  signalling = await serveRoom(room);
});
after(async () => {
  await machine.end();
  await signalling.close();
  await room.close();
});

const inside = (name: string) => path.join(machine.root, name);

/** The app, where the unit looks for it. */
async function deployApp(t: TestContext): Promise<void> {
  const app = await installedApp(t, tarballs());
  app.add('server.mjs', path.join(import.meta.dirname, 'apps', 'service.mjs'));
  app.add('clip.mp4', clip);
  app.write('server.txt', signalling.url);
  const folder = inside('srv/app');
  cpSync(app.folder, folder, { recursive: true, verbatimSymlinks: true });
  chmodSync(folder, 0o755);
}

/** What the app says of itself as soon as all of it has worked. */
async function works(): Promise<Works> {
  let words: string | undefined;
  await machine.until('the app works', async () => {
    const journal = await machine.journal('app');
    words = /^works (.*)$/m.exec(journal)?.[1];
    const { ActiveState } = await machine.show('app', 'ActiveState');
    assert.notEqual(ActiveState, 'failed', journal);
    return words !== undefined;
  });
  return JSON.parse(String(words)) as Works;
}

function assertWorks({ uid, packets, message, recorded, sockets }: Works): void {
  assert.notEqual(uid, 0);
  assert.ok(packets.length === 2 && packets.every((count) => count > 0), String(packets));
  assert.equal(message, 'hello');
  assert.equal(recorded.file, '/var/lib/app/recording.webm');
  assert.ok(recorded.frames > 20, String(recorded.frames));
  const bytes = readFileSync(inside('var/lib/private/app/recording.webm'));
  assert.equal(bytes.length, recorded.bytes);
  // EBML.
  assert.equal(bytes.readUInt32BE(0), 0x1a45dfa3);
  assert.ok(sockets > 0);
}

const logs = () => inside('var/log/private/app');

/** The app crashes, by abort(): it is back, and has left a report. */
async function assertComesBack(): Promise<void> {
  const [running = '', ...others] = readdirSync(logs());
  assert.deepEqual(others, []);
  const { MainPID } = await machine.show('app', 'MainPID');
  await machine.systemctl('kill', '--signal=SIGUSR2', 'app');
  await machine.until('it is started again', async () => {
    const now = await machine.show('app', 'MainPID', 'NRestarts');
    return now['NRestarts'] === '1' && now['MainPID'] !== '0' && now['MainPID'] !== MainPID;
  });
  assertWorks(await works());
  assert.equal(readdirSync(logs()).length, 2);
  const report = path.join(logs(), running);
  const crash = readCrash(report);
  assert.equal(crash.kind, 'abort');
  assert.ok((readFileSync(report, 'utf8').match(/^goroutine /gm)?.length ?? 0) > 3);
  rmSync(report);
}

/** It is stopped: it ends by itself, and leaves no report behind. */
async function assertEnds(): Promise<void> {
  await machine.systemctl('stop', 'app');
  const ended = await machine.show('app', 'Result', 'ExecMainCode', 'ExecMainStatus');
  // CLD_EXITED.
  assert.deepEqual(ended, { Result: 'success', ExecMainCode: '1', ExecMainStatus: '0' });
  assert.deepEqual(readdirSync(logs()), []);
}

/** Starts the app with what a drop-in says. */
async function startWith(lines: string): Promise<void> {
  await machine.systemctl('stop', 'app');
  const folder = inside(`${UNITS}/app.service.d`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'tried.conf'), lines);
  await machine.systemctl('daemon-reload');
  await machine.systemctl('reset-failed', 'app');
  await machine.systemctl('start', 'app');
}

/** How an app ends that can't go on, and what it has said. */
async function failure(lines: string) {
  await startWith(`[Service]\nRestart=no\n${lines}`);
  await machine.until(`it fails with ${lines}`, async () => {
    const { ActiveState } = await machine.show('app', 'ActiveState');
    assert.doesNotMatch(await machine.journal('app'), /^works/m);
    return ActiveState === 'failed';
  });
  const { Result } = await machine.show('app', 'Result');
  return { result: Result, journal: await machine.journal('app') };
}

describe('the unit of the guide', () => {
  it('starts an app as the machine boots, which holds a session with a server and records it', async (t) => {
    await deployApp(t);
    writeFileSync(inside(`${UNITS}/app.service`), unit);
    machine.offline('enable', 'app.service');
    await machine.boot();
    assertWorks(await works());
    const verified = await machine.run('systemd-analyze', 'verify', `${UNITS}/app.service`);
    assert.deepEqual(verified, { status: 0, output: '' });
    const { LimitNOFILE } = await machine.show('app', 'LimitNOFILE');
    assert.equal(LimitNOFILE, '65536');
  });

  it('starts it again after a crash, whose report is where the unit says', () => assertComesBack());

  it('has it end by itself, with success', () => assertEnds());

  it('lets it work, come back and end with all that the guide takes away beside', async () => {
    await startWith(hardening);
    assertWorks(await works());
    await assertComesBack();
    await assertEnds();
  });
});

describe('what the guide says that a unit can not have', () => {
  for (const [name, lines, result, words] of [
    ['MemoryDenyWriteExecute=', 'MemoryDenyWriteExecute=yes', 'signal', /v8::internal/],
    [
      'no AF_NETLINK',
      'RestrictAddressFamilies=\nRestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
      'exit-code',
      /listing network interfaces/,
    ],
    [
      'NoExecPaths= without the native code',
      'NoExecPaths=/\nExecPaths=/usr/bin/node /usr/lib',
      'exit-code',
      /ERR_LIBRARY_NOT_LOADED/,
    ],
  ] as const) {
    it(`${name}: the app fails, and says why`, async () => {
      const failed = await failure(lines);
      assert.equal(failed.result, result, failed.journal);
      assert.match(failed.journal, words);
    });
  }

  it('NoExecPaths= with the native code: it works', async () => {
    const [, paths = ''] = /ExecPaths=`, as `([^`]+)`/.exec(guide) ?? [];
    await startWith(`[Service]\nNoExecPaths=/\nExecPaths=${paths}\n`);
    assertWorks(await works());
    await machine.systemctl('stop', 'app');
  });
});
