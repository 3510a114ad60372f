// The C interface, called with what no addon gives it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { Status } from '../../lib/wire.js';
import { otherBuild } from '../hooks/messages.js';
import { nativeFolder, root } from './waist/native.js';

/** ABI_FUZZ_SECONDS=600 for longer, ABI_FUZZ_SEED for the same numbers again. */
const SECONDS = Number(process.env['ABI_FUZZ_SECONDS'] ?? 3);
const SEED = process.env['ABI_FUZZ_SEED'] ?? String(Math.floor(Math.random() * 2 ** 32));

it(
  'the C interface refuses random bytes, lengths and handles by a status, on any thread',
  { skip: process.platform !== 'linux' },
  (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-fuzz-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const program = path.join(folder, 'fuzz');
    const source = path.join(root, 'test/unit/waist/fuzz.c');
    const include = `-I${path.join(root, 'goexport')}`;
    const flags = ['-O1', '-g', '-Wall', '-Wextra', '-Werror', include];
    if (otherBuild !== undefined) flags.push('-fsanitize=address,undefined');
    execFileSync('cc', [...flags, '-o', program, source, '-ldl', '-lpthread']);
    t.diagnostic(`ABI_FUZZ_SEED=${SEED}, ${SECONDS} s`);
    const { status, signal, stdout, stderr } = spawnSync(
      program,
      [path.join(nativeFolder, 'libmscp.so'), SEED, String(SECONDS)],
      { encoding: 'utf8', timeout: (SECONDS + 60) * 1000, killSignal: 'SIGKILL' },
    );
    const told = `seed ${SEED}\n${stderr.slice(0, 20_000)}`;
    assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' }, told);
    const [calls = 0, ...counts] = stdout.trim().split(' ').map(Number);
    t.diagnostic(`${calls} calls: ${counts.join(' ')}`);
    const countOf = (one: number): number => counts[Math.abs(one)] ?? 0;
    assert.ok(calls > 1000, `${calls} calls`);
    const { Ok, StaleHandle, WrongKind, BadArgument, Closed, Panic } = Status;
    for (const one of [Ok, StaleHandle, WrongKind, BadArgument, Closed]) {
      assert.ok(countOf(one) > 0, `no call had the status ${one}, ${told}`);
    }
    assert.equal(countOf(Panic), 0, told);
    assert.equal(counts.at(-1), 0, `a number that is no status, ${told}`);
  },
);
