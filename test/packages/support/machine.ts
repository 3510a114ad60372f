// A machine that systemd has booted, in namespaces and a control group of its own: what is around it is the loopback of this one.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

type Ran = { status: number | null; output: string };

const LIMIT_MS = 120_000;

/** $1 is the root, $2 the name of the control group: version 2 alone, as machines have had it for years. */
const ENTER = `
set -e
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$2"
echo $$ > "/sys/fs/cgroup/$2/cgroup.procs"
exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup /bin/sh -c "$3" sh "$1"
`;

/** As containers are begun: what is the kernel's is to be read only, so that no setting of this machine is changed. */
const BOOT = `
set -e
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do
  touch dev/$name
  mount --bind /dev/$name dev/$name
done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
pivot_root . mnt
umount -l /mnt
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console </dev/null
`;

/** Once the last of its processes is gone. */
const REMOVE = `
set -e
mount -t cgroup2 cgroup2 /sys/fs/cgroup
cd "/sys/fs/cgroup/$1"
while grep -q 'populated 1' cgroup.events; do sleep 0.05; done
find . -mindepth 1 -depth -type d -exec rmdir {} ';'
cd ..
rmdir "$1"
`;

/** Of a machine nobody logs in to, and of which no kernel tells. */
const MASKED = ['console-getty.service', 'getty.target', 'systemd-journald-audit.socket'];

export class Machine {
  readonly root: string;
  readonly #group = `mscp-test-${process.pid}`;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-machine-'));
  #init: ChildProcess | undefined;
  #output = '';

  /** @param from - The root of a Debian with systemd, which is copied. */
  constructor(from: string) {
    this.root = path.join(this.#folder, 'root');
    execFileSync('cp', ['--archive', from, this.root]);
    for (const name of MASKED) this.offline('mask', name);
  }

  /** systemctl, before it is booted. */
  offline(...args: string[]): void {
    execFileSync('chroot', [this.root, 'systemctl', ...args], { stdio: 'pipe' });
  }

  /** Resolves once systemd has started all that it is to. */
  async boot(): Promise<void> {
    const init = spawn(
      'unshare',
      ['--mount', '/bin/sh', '-c', ENTER, 'sh', this.root, this.#group, BOOT],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#init = init;
    for (const stream of [init.stdout, init.stderr]) {
      stream.setEncoding('utf8').on('data', (words: string) => {
        this.#output += words;
      });
    }
    await this.until('systemd is ready', async () => {
      assert.equal(init.exitCode ?? init.signalCode, null, this.#output);
      return (await this.run('systemctl', 'is-active', 'multi-user.target')).status === 0;
    });
  }

  async end(): Promise<void> {
    if (this.#init) {
      const ended = once(this.#init, 'close');
      this.#init.kill('SIGKILL');
      await ended;
      execFileSync('unshare', ['--mount', '/bin/sh', '-c', REMOVE, 'sh', this.#group]);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Runs a command inside. A service may ask this process for something meanwhile. */
  async run(command: string, ...args: string[]): Promise<Ran> {
    const target = this.#first();
    if (target === undefined) return { status: null, output: '' };
    const namespaces = ['--mount', '--uts', '--ipc', '--pid', '--cgroup'];
    const child = spawn('nsenter', ['--target', String(target), ...namespaces, command, ...args], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [[status], ...texts] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { status, output: texts.join('') };
  }

  /** Runs systemctl, which has to succeed. */
  async systemctl(...args: string[]): Promise<string> {
    const { status, output } = await this.run('systemctl', ...args);
    assert.equal(status, 0, `systemctl ${args.join(' ')}\n${output}`);
    return output;
  }

  /** What systemd tells of a service. */
  async show(service: string, ...names: string[]): Promise<Record<string, string>> {
    const lines = await this.systemctl('show', service, ...names.map((name) => `-p${name}`));
    return Object.fromEntries(
      [...lines.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
  }

  /** What a service has written since it was started the last time. */
  async journal(service: string): Promise<string> {
    const { InvocationID = '' } = await this.show(service, 'InvocationID');
    const which = `_SYSTEMD_INVOCATION_ID=${InvocationID}`;
    return (await this.run('journalctl', which, '--output=cat', '--no-pager')).output;
  }

  /** Waits for what comes about without a word. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + LIMIT_MS;
    while (!(await isSo())) {
      assert.ok(Date.now() < end, `never came about: ${what}\n${this.#output}`);
      await delay(100);
    }
  }

  /** systemd, as this machine counts processes. */
  #first(): number | undefined {
    const pid = this.#init?.pid;
    const [first] = childrenOf(Number(pid));
    // Before that the root is this machine's, and so would be the systemd that answers.
    return first !== undefined && nameOf(first) === 'systemd' ? first : undefined;
  }
}

function childrenOf(pid: number): number[] {
  const words = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return words === '' ? [] : words.split(' ').map(Number);
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
