// A program that runs beside a test, and ends with it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export type Program = { readonly child: ChildProcess; kill(): Promise<void> };

/** Starts a program that `kill()`, or the end of the test, ends by its own id. */
export function start(
  t: TestContext,
  command: string,
  args: string[],
  {
    env = {},
    stdio = 'ignore',
  }: { env?: NodeJS.ProcessEnv; stdio?: 'ignore' | ('ignore' | 'pipe')[] } = {},
): Program {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const program = {
    child,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
  t.after(() => program.kill());
  return program;
}

/** Runs a program to its end, and tells whether it succeeded. */
export function succeeds(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    child.once('exit', (code) => resolve(code === 0));
    child.once('error', () => resolve(false));
  });
}

/** A folder of the test's own. */
export async function folder(t: TestContext): Promise<string> {
  const made = await fs.mkdtemp(path.join(os.tmpdir(), 'devices-'));
  t.after(() => fs.rm(made, { recursive: true, force: true }));
  return made;
}

/** Sets variables of this process's environment, which libraries read, until the test ends. */
export function setEnvironment(t: TestContext, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    });
  }
}
