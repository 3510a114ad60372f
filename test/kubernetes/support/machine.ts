// A machine of its own: namespaces of Linux for its network, mounts and processes, which are gone together.
import assert from 'node:assert/strict';
import { execFile, execFileSync, fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertAdministrator } from '../../e2e/support/administrator.mjs';

/** What its pods reach it by. */
export const ADDRESS = '10.77.1.1';
/** What it reaches itself by. */
export const REGISTRY = 'registry.example';

// Its first process, which sees to those whose parents have ended. What container engines leave in these folders is its own.
const FIRST = `
set -e
exec 2>&1
for folder in /run /dev/shm /var/lib/cni /var/lib/kubelet /var/log; do
  mkdir -p $folder
  mount -t tmpfs tmpfs $folder
done
groups=/sys/fs/cgroup
# In a container of cgroup v2, whose own processes are in the way of groups for others.
if [ -e $groups/cgroup.type ]; then
  mkdir -p $groups/outer
  xargs -rn1 < $groups/cgroup.procs > $groups/outer/cgroup.procs || true
  sed 's/^/+/; s/ / +/g' $groups/cgroup.controllers > $groups/cgroup.subtree_control
fi
mkdir -p /var/lib/containers $0/containers
mount --bind $0/containers /var/lib/containers
echo 127.0.0.1 localhost ${REGISTRY} > /run/hosts
mount --bind /run/hosts /etc/hosts
ip link set lo up
ip address add ${ADDRESS}/32 dev lo
echo up
while sleep 1; do :; done
`;

// Of containers, of which engines leave empty groups.
const CGROUPS = ['/sys/fs/cgroup', ...controllers()].flatMap((one) =>
  ['libpod_parent', 'kubepods', 'k8s.io'].map((name) => path.join(one, name)),
);

/** `network` is the machine's unless it is to be that of the test. */
export type Options = { env?: NodeJS.ProcessEnv; cwd?: string; network?: 'own' | 'outer' };

export class Machine {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'machine-'));
  readonly #unshare: ChildProcess;
  #first = '';

  private constructor() {
    const kinds = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
    // It does not outlive this process, whatever that ends by.
    const words = ['--pdeathsig', 'KILL', 'unshare', ...kinds, 'sh', '-c', FIRST, this.folder];
    this.#unshare = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  }

  static async open(): Promise<Machine> {
    assertAdministrator('runs containers');
    const machine = new Machine();
    const { pid = 0, stdout } = machine.#unshare;
    let said = '';
    for await (const chunk of stdout ?? []) {
      said += String(chunk);
      if (said === 'up\n') break;
    }
    assert.equal(said, 'up\n');
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    machine.#first = children.trim();
    return machine;
  }

  /** Ends all that runs in it. */
  async close(): Promise<void> {
    const ended = once(this.#unshare, 'exit');
    process.kill(Number(this.#first), 'SIGKILL');
    await ended;
    for (const group of CGROUPS) if (fs.existsSync(group)) removeEmpty(group);
    fs.rmSync(this.folder, { recursive: true, maxRetries: 5 });
  }

  write(name: string, content: string): string {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  }

  /** What a command prints. */
  async run(command: string, args: readonly string[], options: Options = {}): Promise<string> {
    const [program, words] = this.#command(options, command, args);
    const how = { env: { ...process.env, ...options.env }, maxBuffer: 1 << 28 };
    return await new Promise((resolve, reject) => {
      execFile(program, words, how, (error, stdout, stderr) => {
        if (error) reject(new Error(`${args.join(' ')}\n${stdout}\n${stderr}`));
        else resolve(stdout);
      });
    });
  }

  /** Starts what stays; its output is in a file of the machine's folder. */
  start(
    name: string,
    command: string,
    args: readonly string[],
    options: Options = {},
  ): ChildProcess {
    const [program, words] = this.#command(options, command, args);
    const log = fs.openSync(path.join(this.folder, `${name}.log`), 'a');
    const env = { ...process.env, ...options.env };
    return spawn(program, words, { env, stdio: ['ignore', log, log] });
  }

  /** The last that each has told which was started. */
  logs(): string {
    const names = fs.readdirSync(this.folder).filter((name) => name.endsWith('.log'));
    const ends = names.map((name) => {
      const text = fs.readFileSync(path.join(this.folder, name), 'utf8');
      return `${name}\n${text.trimEnd().split('\n').slice(-20).join('\n')}`;
    });
    return ends.join('\n\n');
  }

  /** Starts a script that says when it is ready. */
  async fork(script: URL, args: readonly string[]): Promise<ChildProcess> {
    const [execPath, execArgv] = this.#command({}, process.execPath, []);
    const child = fork(fileURLToPath(script), args, { execPath, execArgv });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => assert.fail(`${script.pathname} ended`)),
    ]);
    return child;
  }

  #command(
    { network = 'own', cwd = this.folder }: Options,
    command: string,
    args: readonly string[],
  ): [program: string, words: string[]] {
    const kinds = ['--mount', '--pid', ...(network === 'own' ? ['--net'] : [])];
    const words = ['--target', this.#first, ...kinds, `--wdns=${cwd}`, '--', command, ...args];
    return ['nsenter', words];
  }
}

function controllers(): string[] {
  const folder = '/sys/fs/cgroup';
  if (!fs.existsSync(folder) || fs.existsSync(path.join(folder, 'cgroup.controllers'))) return [];
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
}

/** Of cgroups only those can be removed in which nothing runs. */
function removeEmpty(cgroup: string): void {
  execFileSync('find', [cgroup, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+'], {
    stdio: 'ignore',
  });
}
