// How many arenas malloc has where glibc is: it keeps memory in each of them (src/arenas.h).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = path.resolve(import.meta.dirname, 'support/arenas.mjs');
const processors = os.cpus().length;

/** Those of Node.js' own threads, that may be there before the package is. */
const MOST_OF_NODE = 8;

/** How many there are besides the first, after many sources were read at once. */
async function arenas(env: NodeJS.ProcessEnv): Promise<number> {
  const others = { ...process.env, MALLOC_ARENA_MAX: undefined, GLIBC_TUNABLES: undefined };
  const { stdout } = await run(process.execPath, [program], { env: { ...others, ...env } });
  return Number(stdout);
}

describe('malloc', { concurrency: true }, () => {
  it('has no more arenas than there are processors, or than Node.js made before', async () => {
    const found = await arenas({});
    assert.ok(found <= Math.max(processors, MOST_OF_NODE), `${found} for ${processors}`);
  });

  for (const env of [
    { MALLOC_ARENA_MAX: '1' },
    { GLIBC_TUNABLES: 'glibc.malloc.arena_max=1' },
    { MALLOC_ARENA_MAX: String(2 * MOST_OF_NODE) },
  ]) {
    it(`has as many arenas as the user says: ${Object.entries(env).join()}`, async () => {
      const found = await arenas(env);
      if (Object.values(env)[0]?.endsWith('1')) assert.ok(found <= 1, `${found}`);
      else assert.ok(found > MOST_OF_NODE, `${found}`);
    });
  }
});
