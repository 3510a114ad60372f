// Networks of the test's own: namespaces of Linux, joined by pairs of virtual Ethernet interfaces.
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertAdministrator } from '../../e2e/support/administrator.mjs';
import { Rpc } from './rpc.mjs';

// Where `ip netns exec` looks for the files of /etc that a namespace has for itself.
const ETC = '/etc/netns';
const CLOSE_LIMIT_MS = 5000;

let made = 0;

/** A network namespace. */
export class Namespace {
  #children = new Set();

  constructor(name) {
    this.name = name;
  }

  /** @throws Error that says what to do where namespaces cannot be made. */
  static open({ nameserver = '192.0.2.53' } = {}) {
    assertAdministrator('makes networks of its own');
    const namespace = new Namespace(`mcp-${process.pid}-${made++}`);
    ip('netns', 'add', namespace.name);
    const folder = path.join(ETC, namespace.name);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'resolv.conf'), `nameserver ${nameserver}\n`);
    namespace.ip('link', 'set', 'dev', 'lo', 'up');
    return namespace;
  }

  /** Runs `ip` in the namespace. */
  ip(...args) {
    return ip('-n', this.name, ...args);
  }

  /** Runs a program in it. */
  spawn(program, args) {
    const child = spawn('ip', ['netns', 'exec', this.name, program, ...args]);
    this.#keep(child);
    return child;
  }

  /** Runs one of the scripts beside this file in it; what is outside answers its calls. */
  async fork(script, args, methods) {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
      execPath: 'ip',
      execArgv: ['netns', 'exec', this.name, process.execPath],
    });
    this.#keep(child);
    const started = once(child, 'message');
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${script} ended before it was ready`);
    });
    ended.catch(() => {});
    await Promise.race([started, ended]);
    return { child, rpc: new Rpc(child, methods) };
  }

  /** Ends what runs in it, then it is gone, and its interfaces with it. */
  async close() {
    await Promise.all([...this.#children].map(end));
    ip('netns', 'del', this.name);
    fs.rmSync(path.join(ETC, this.name), { recursive: true });
    if (fs.readdirSync(ETC).length === 0) fs.rmdirSync(ETC);
  }

  #keep(child) {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
  }
}

/** Joins two namespaces: each end is an interface with addresses such as 10.77.1.2/24. */
export function join(one, other) {
  one.namespace.ip(
    ...['link', 'add', 'name', one.name, 'type', 'veth'],
    ...['peer', 'name', other.name, 'netns', other.namespace.name],
  );
  for (const { namespace, name, addresses } of [one, other]) {
    for (const address of addresses) {
      // No waiting for IPv6 to find out whether another has it.
      const now = address.includes(':') ? ['nodad'] : [];
      namespace.ip('address', 'add', address, 'dev', name, ...now);
    }
    namespace.ip('link', 'set', 'dev', name, 'up');
  }
}

function ip(...args) {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/** Programs that are forked end with their channel, others by a signal; whoever does not is killed. */
async function end(child) {
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT_MS);
  await gone;
  clearTimeout(killer);
}
