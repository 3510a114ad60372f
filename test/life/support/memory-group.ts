// A group of processes (cgroup) whose memory has a limit, where one can be made.
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** Version 2, and version 1. */
const KINDS = [
  { mount: '/sys/fs/cgroup', limit: 'memory.max', swap: 'memory.swap.max', kills: 'memory.events' },
  {
    ...{ mount: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
    ...{ swap: 'memory.swappiness', kills: 'memory.oom_control' },
  },
];

export type MemoryGroup = {
  readonly name: string;
  add(pid: number): void;
  /** How many of its processes the kernel has killed for memory. */
  kills(): number;
};

/** A group that ends with the test; undefined where the system has none to give. */
export function memoryGroup(t: TestContext, bytes: number): MemoryGroup | undefined {
  const name = `mscp-${process.pid}-${Date.now()}`;
  for (const { mount, limit, swap, kills } of KINDS) {
    const folder = path.join(mount, name);
    const file = (of: string): string => path.join(folder, of);
    try {
      fs.mkdirSync(folder);
    } catch {
      continue;
    }
    t.after(() => {
      fs.rmdirSync(folder);
    });
    // A folder of another file system, or a group that does not control memory.
    if (!fs.existsSync(file(limit))) continue;
    fs.writeFileSync(file(limit), String(bytes));
    if (fs.existsSync(file(swap))) fs.writeFileSync(file(swap), '0');
    return {
      name,
      add(pid) {
        fs.writeFileSync(file('cgroup.procs'), String(pid));
      },
      kills: () => Number(/^oom_kill (\d+)/m.exec(fs.readFileSync(file(kills), 'utf8'))?.[1]),
    };
  }
  return undefined;
}
