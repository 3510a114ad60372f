import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import path from 'node:path';
import { ECHO_TICK, Hook, hookNumbers, hookedFolder } from '../../hooks/messages.js';
import { root } from './native.js';

export type Outcome = {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

export type ProgramOptions = {
  /** Another Node.js than that of the test. */
  node?: string;
  /** Flags of node. */
  flags?: string[];
  /** The folder of the addon that `addon` is loaded from. */
  folder?: string;
  /** Added to the environment. */
  env?: NodeJS.ProcessEnv;
  seconds?: number;
};

/**
 * Runs an ES module in a process of its own, to its end. It has `bridge()`, which opens the bridge
 * to the library with the hooks, `Method`, `Event`, `Query`, `Hook`, `hookNumbers`, `ECHO_TICK`, and `addon()`, which
 * loads the addon below it.
 */
export function runProgram(source: string, options: ProgramOptions = {}): Promise<Outcome> {
  const { node = process.execPath, flags = [], folder = hookedFolder } = options;
  const { env = {}, seconds = 60 } = options;
  const prelude = `
    import { createRequire } from 'node:module';
    const addon = () => createRequire(process.cwd() + '/')(${JSON.stringify(path.join(folder, 'mscp.node'))});
    const { Method, Event, Query } = await import('./lib/wire.ts');
    const [Hook, hookNumbers, ECHO_TICK] = ${JSON.stringify([Hook, hookNumbers, ECHO_TICK])};
    const bridge = async () => (await import('./test/hooks/load.ts')).openHooked();
  `;
  return new Promise((resolve) => {
    execFile(
      node,
      [...flags, '--import', 'tsx', '--input-type=module', '-e', prelude + source],
      {
        ...{ cwd: root, env: { ...process.env, ...env }, maxBuffer: 1 << 26 },
        ...{ timeout: seconds * 1000, killSignal: 'SIGKILL' },
      },
      (error: ExecFileException | null, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
        resolve({ code, signal: error?.signal ?? null, stdout, stderr });
      },
    );
  });
}
