// Where it was measured, and how quiet it was there.
import os from 'node:os';
import { canPin } from './cores.mjs';

/** What does not change from run to run. */
export function machine() {
  const cpus = os.cpus();
  return {
    processor: `${cpus.length} x ${cpus[0]?.model.trim() ?? 'unknown'}`,
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}, ${os.arch()}`,
    node: process.version,
    pinned: canPin,
  };
}

/** Processes that wanted to run in the last minute: what is more than 0 before a run disturbs it. */
export const load = () => os.loadavg()[0];
