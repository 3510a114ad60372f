// Memory of C after many lives: what each leaves would be more and more, also where something still refers to it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { Frame } from '../../lib/wire.js';
import { hookNumbers, hookedFolder, hooksFolder } from '../hooks/messages.js';

const program = fileURLToPath(new URL('support/lives.mjs', import.meta.url));
const isGlibc = process.platform === 'linux' && 'glibcVersionRuntime' in headerOfReport();

/** In bytes. A thread has some for itself, however long it lives. */
const LIFE = 4 << 10;
const THREAD = 8 << 10;

function headerOfReport(): object {
  return (process.report.getReport() as { header: object }).header;
}

/** How much more there is after the last dozen than after the first, for each life and without that of threads. */
async function growth(t: TestContext, dozens: number, ...more: string[]): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-lives-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const args = [
    // V8 compiles and collects on no other threads: what these have is some of malloc's memory.
    ...['--expose-gc', '--single-threaded', program],
    ...[path.join(hookedFolder, 'mscp.node'), hookNumbers.Collect],
    ...[Frame.LengthOffset, Frame.HeaderSize, fixturePath('bars-440hz.mp4'), folder, dozens],
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...args.map(String), ...more], {
    env: {
      ...process.env,
      NODE_PATH: hooksFolder,
      NODE_OPTIONS: '',
      // What threads keep for themselves counts as used.
      GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0',
      MALLOC_ARENA_MAX: '1',
    },
  });
  const found = JSON.parse(stdout) as { bytes: number; threads: number }[];
  t.diagnostic(stdout.trim());
  const [first, last] = [found[0], found.at(-1)];
  assert.ok(first && last);
  const ofThreads = THREAD * Math.max(0, last.threads - first.threads);
  return (last.bytes - first.bytes - ofThreads) / (12 * (dozens - 1));
}

describe("memory of C's", { skip: !isGlibc && 'only glibc tells of it' }, () => {
  it('is as much after dozens of lives as after the first dozen', async (t) => {
    const each = await growth(t, 4);
    assert.ok(each < LIFE, `${each.toFixed(0)} bytes more after each life`);
  });

  it('is more where the tracks of each are left open', async (t) => {
    const each = await growth(t, 2, 'goes on');
    assert.ok(each > LIFE, `${each.toFixed(0)} bytes more after each life`);
  });
});
