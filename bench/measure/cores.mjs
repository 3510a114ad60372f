// Who runs where: what is measured has one core, the server and this process have the others.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { childrenOf } from './usage.mjs';

/** The numbers of the cores that this process may use. */
function allowedCores() {
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  const [, list] = /^Cpus_allowed_list:\s+(\S+)/m.exec(status);
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

const [senderCore, ...otherCores] = allowedCores();
const others = otherCores.join(',');

/** Whether there is a core for each side. */
export const canPin = otherCores.length > 0;

/** A command line that runs `command` on the core of what is measured. */
export function onSenderCores(...command) {
  return canPin ? ['/usr/bin/taskset', '-c', String(senderCore), ...command] : command;
}

/** Moves processes, and what they start, off that core. */
export function moveAside(...pids) {
  if (!canPin) return;
  for (const pid of pids) {
    // A thread may end meanwhile, which taskset takes for a failure.
    spawnSync('/usr/bin/taskset', ['-a', '-c', '-p', others, String(pid)]);
  }
}

/** Moves the children of a process off its core. */
export const moveChildrenAside = (pid) => moveAside(...childrenOf(pid));
