// Memory and processor time of a process, out of Linux's /proc.
import fs from 'node:fs';

/** Resident memory in MB (2^20 bytes). */
export function residentMegabytes(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) / 1024;
}

/**
 * Seconds of processor time that the threads of a process used so far. /proc/PID/stat counts in steps of 10 ms, which is
 * more than a bot needs in a second.
 */
export function processorSeconds(pid) {
  let seconds = 0;
  for (const thread of fs.readdirSync(`/proc/${pid}/task`)) {
    try {
      seconds += threadSeconds(pid, thread);
    } catch {
      // It ended meanwhile.
    }
  }
  return seconds;
}

/** The same of its first thread: of Node.js, the one that runs JavaScript. */
export const mainThreadSeconds = (pid) => threadSeconds(pid, pid);

function threadSeconds(pid, thread) {
  const [used] = fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
  return Number(used) / 1e9;
}

/** Pids of the direct children of a process. */
export function childrenOf(pid) {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    fs
      .readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

/** Percent of a core that processes use in the time that `during` takes. */
export async function percentOfCore(pids, during) {
  const read = () => pids.reduce((sum, pid) => sum + processorSeconds(pid), 0);
  const [before, began] = [read(), performance.now()];
  await during();
  return (1e5 * (read() - before)) / (performance.now() - began);
}
