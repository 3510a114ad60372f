// Node.js 22 for Windows, under Wine: in a prefix of its own, as a Windows 10.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { windowsNode } from '../../../scripts/lib/node-versions.mjs';
import { platformTarget } from '../../../scripts/lib/target.mjs';

/** What a program printed, and how it ended. What Wine's own libraries have to say is among the errors. */
export type Ended = { status: number | null; output: string; errors: string };

export type Where = { cwd?: string; env?: NodeJS.ProcessEnv };

export type Wine = {
  /** Files of programs lie here. */
  readonly folder: string;
  /** Runs Node.js, as a program of this name. */
  node(name: string, args: readonly string[], where?: Where): Promise<Ended>;
  /** Runs another program, a file of this machine. */
  run(file: string, args: readonly string[], where?: Where): Promise<Ended>;
  end(): Promise<void>;
};

/** How Wine calls a file of this machine. */
export const windowsPath = (file: string): string => `Z:${file.replaceAll('/', '\\')}`;

/** A session takes a fraction of it, also on a machine that is busy. */
const LIMIT_MS = 300_000;

export async function startWine(): Promise<Wine> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-wine-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    WINEPREFIX: path.join(folder, 'prefix'),
    WINEDEBUG: '-all',
    // Nothing asks for Mono or a browser.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
  let runs = 0;
  // Node.js under this Wine writes to files, and to no pipe.
  async function run(
    program: string,
    args: readonly string[],
    { cwd = folder, env: more = {} }: Where = {},
  ): Promise<Ended> {
    const files = ['output', 'errors'].map((name) => path.join(folder, `${name}-${runs}`));
    runs++;
    const descriptors = files.map((file) => openSync(file, 'w'));
    const child = spawn(program, args, {
      cwd,
      env: { ...env, ...more },
      stdio: ['ignore', ...descriptors],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const [status] = (await once(child, 'exit')) as [number | null];
    for (const descriptor of descriptors) closeSync(descriptor);
    const [output = '', errors = ''] = files.map((file) => readFileSync(file, 'utf8'));
    return { status, output, errors };
  }
  const programs = path.join(folder, 'programs');
  mkdirSync(programs);
  await run('wine', ['wineboot', '--init']);
  await run('wine', ['winecfg', '-v', 'win10']);
  addWhatIsMissing(env.WINEPREFIX);
  return {
    folder: programs,
    node(name, args, where) {
      const program = path.join(programs, name);
      if (!existsSync(program)) copyFileSync(windowsNode, program);
      return run('wine', [program, ...args], where);
    },
    run: (file, args, where) => run('wine', [file, ...args], where),
    async end() {
      await run('wineserver', ['--kill']);
      await run('wineserver', ['--wait']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What Go asks of a Windows 10 and this Wine has not: missing.c says what. */
function addWhatIsMissing(prefix: string): void {
  const { tool } = platformTarget('win32-x64') as { tool: (name: string) => string };
  const source = path.join(import.meta.dirname, 'missing.c');
  const file = path.join(prefix, 'drive_c', 'windows', 'system32', 'bcryptprimitives.dll');
  const words = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-static', '-s'];
  execFileSync(tool('gcc'), [...words, source, '-o', file, '-ladvapi32']);
}
