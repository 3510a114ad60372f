// Node.js 22 for Windows, under Wine: in a prefix of its own, as a Windows 10.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
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

/** What a program printed, and how it ended. */
export type Ended = { status: number | null; output: string };

export type Wine = {
  /** Files of programs lie here. */
  readonly folder: string;
  /** Runs Node.js, as a program of this name. */
  node(name: string, args: readonly string[]): Promise<Ended>;
  end(): Promise<void>;
};

/** How Wine calls a file of this machine. */
export const windowsPath = (file: string): string => `Z:${file.replaceAll('/', '\\')}`;

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
  async function run(program: string, args: readonly string[]): Promise<Ended> {
    const file = path.join(folder, `output-${runs++}`);
    const output = openSync(file, 'w');
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', output, output] });
    const [status] = (await once(child, 'exit')) as [number | null];
    closeSync(output);
    return { status, output: readFileSync(file, 'utf8') };
  }
  const programs = path.join(folder, 'programs');
  mkdirSync(programs);
  await run('wine', ['wineboot', '--init']);
  await run('wine', ['winecfg', '-v', 'win10']);
  return {
    folder: programs,
    node(name, args) {
      const program = path.join(programs, name);
      copyFileSync(windowsNode, program);
      return run('wine', [program, ...args]);
    },
    async end() {
      await run('wineserver', ['--kill']);
      await run('wineserver', ['--wait']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
