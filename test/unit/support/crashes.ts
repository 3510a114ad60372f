// Programs that crash, and what `doctor --crash` says of what they leave.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { readCrash } from '../../../lib/cli/crash.js';
import type { Crash } from '../../../lib/cli/crash.js';
import { crashText } from '../../../lib/cli/crashText.js';

export const program = path.resolve(import.meta.dirname, '../../hooks/crashing.ts');
export const secret = 's3cr3t-of-the-environment';

export function folderOf(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'crash-reports-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

export type Ended = {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
};

export function start(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
  flags: string[] = [],
) {
  const child = spawn(process.execPath, [...flags, '--import', 'tsx', file, ...args], {
    env: { ...process.env, DEBUG: 'mediasoup-client-aiortc*', SECRET: secret, ...env },
    stdio: 'pipe',
  });
  /** Resolves when its core is open. */
  const opened = new Promise<void>((resolve) => {
    let seen = '';
    child.stdout.on('data', (data: Buffer) => {
      seen += data.toString();
      if (/^open$/m.test(seen)) resolve();
    });
  });
  const exit = once(child, 'close') as Promise<[number | null, string | null]>;
  const ended = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(
    ([[status, signal], stdout, stderr]): Ended => ({ status, signal, stdout, stderr }),
  );
  return { child, opened, ended };
}

/** The one report in a folder. */
export function reportIn(folder: string): string {
  const names = readdirSync(folder);
  assert.equal(names.length, 1, names.join(' '));
  return path.join(folder, names[0] ?? '');
}

/** What `doctor --crash` says of a file, in both ways. */
export function doctor(file: string): { crash: Crash; words: string } {
  const crash = readCrash(file);
  const words = crashText(crash);
  assert.ok(words.includes(crash.what) && words.includes(crash.cure), words);
  return { crash, words };
}
