// Memory of C that is left behind when a program ends, as LeakSanitizer finds it: what nothing refers to any more.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

const program = fileURLToPath(new URL('life.mjs', import.meta.url));

function temporary(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-leaks-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Node.js gives back what it has when a program ends by itself: so nothing of it needs to be left out of the report. */
async function reportOf(folder: string, preloaded: string[] = []) {
  const args = [program, fixturePath('bars-440hz.mp4'), path.join(folder, 'out.webm')];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    env: {
      ...process.env,
      LD_PRELOAD: [process.env['LD_PRELOAD'], ...preloaded].join(' '),
      ASAN_OPTIONS: 'detect_leaks=1',
      LSAN_OPTIONS: 'exitcode=0',
    },
    timeout: 180_000,
  });
  assert.equal(stdout, 'closed\n');
  return stderr;
}

it('a file that was played, read and recorded leaves nothing behind', async (t) => {
  assert.equal(await reportOf(temporary(t)), '');
});

it('what is left behind is told', async (t) => {
  const folder = temporary(t);
  const library = path.join(folder, 'leaks.so');
  const source = `#include <stdlib.h>
    __attribute__((constructor)) static void leaks(void) { void *volatile left = malloc(77); left = 0; }`;
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, '-xc', '-'], { input: source });
  assert.match(await reportOf(folder, [library]), /leak of 77 byte/);
});
