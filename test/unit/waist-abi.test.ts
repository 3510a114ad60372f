// The addon meets a Go library that is not its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { hookNumbers, hookedFolder } from '../hooks/messages.js';
import { nativeFolder, openRaw, root } from './waist/native.js';
import { runProgram } from './waist/program.js';

const library = process.platform === 'darwin' ? 'libmscp.dylib' : 'libmscp.so';
const header = readFileSync(path.join(root, 'goexport', 'abi.h'), 'utf8');
const version = Number(/#define MSCP_ABI_VERSION (\d+)/.exec(header)?.[1]);

/** A copy of the addon, beside a library of this C source. */
function addonBeside(t: TestContext, source: string | undefined): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-abi-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  copyFileSync(path.join(nativeFolder, 'mscp.node'), path.join(folder, 'mscp.node'));
  if (source !== undefined) {
    const file = path.join(folder, 'fake.c');
    writeFileSync(file, source);
    const include = `-I${path.join(root, 'goexport')}`;
    execFileSync('cc', ['-shared', '-fPIC', include, '-o', path.join(folder, library), file]);
  }
  return folder;
}

async function openError(folder: string): Promise<{ code: string; message: string }> {
  const { stdout, stderr } = await runProgram(
    `try { addon().open(() => {}); } catch ({ code, message }) { console.log(JSON.stringify({ code, message })); }`,
    { folder },
  );
  assert.equal(stderr, '');
  return JSON.parse(stdout) as { code: string; message: string };
}

describe('the ABI', () => {
  it('is version 3', () => {
    assert.equal(version, 3);
  });

  it('names both versions when they differ', async (t) => {
    const folder = addonBeside(
      t,
      `#include "abi.h"
       const mscp_table *mscp_open_abi(uint32_t version, uint32_t *library_version) {
         *library_version = 4711;
         return version == 4711 ? (const mscp_table *)1 : NULL;
       }`,
    );
    const { code, message } = await openError(folder);
    assert.equal(code, 'ERR_ABI_MISMATCH');
    assert.match(message, new RegExp(`version ${version}\\b.*version 4711\\b`));
    assert.match(message, /the same build/);
  });

  it('refuses a table that is too small', async (t) => {
    const folder = addonBeside(
      t,
      `#include "abi.h"
       static const mscp_table table = {.size = 8, .version = MSCP_ABI_VERSION};
       const mscp_table *mscp_open_abi(uint32_t version, uint32_t *library_version) {
         *library_version = version;
         return &table;
       }`,
    );
    assert.equal((await openError(folder)).code, 'ERR_ABI_MISMATCH');
  });

  it('says so when the library is another one', async (t) => {
    const { code, message } = await openError(addonBeside(t, 'int nothing;'));
    assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
    assert.match(message, /has no mscp_open_abi/);
  });

  it('says where it looked when there is no library', async (t) => {
    const folder = addonBeside(t, undefined);
    const { code, message } = await openError(folder);
    assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
    assert.ok(message.includes(path.join(folder, library)), message);
  });

  it('fails open() when the environment cannot be opened', async (t) => {
    const folder = addonBeside(
      t,
      `#include "abi.h"
       static int32_t env_open(mscp_ring ring, void *context, uint32_t *bell, mscp_env *env) {
         return MSCP_PANIC;
       }
       static int32_t query(mscp_env env, uint64_t handle, uint32_t what, int64_t *value) {
         return MSCP_STALE_HANDLE;
       }
       static const mscp_table table = {.size = sizeof(mscp_table), .version = MSCP_ABI_VERSION,
                                        .env_open = env_open, .query = query};
       const mscp_table *mscp_open_abi(uint32_t version, uint32_t *library_version) {
         *library_version = version;
         return &table;
       }`,
    );
    assert.match((await openError(folder)).message, /cannot open an environment: -7/);
  });

  it('exports one symbol', { skip: process.platform !== 'linux' }, () => {
    const file = path.join(nativeFolder, library);
    const symbols = execFileSync('nm', ['-D', '--defined-only', file], { encoding: 'utf8' });
    assert.deepEqual(
      symbols
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1)),
      ['mscp_open_abi'],
    );
  });

  it('has no message of tests in the library that users have', () => {
    const native = openRaw(() => undefined);
    const unknown = -3;
    for (const number of Object.values(hookNumbers)) {
      assert.equal(native.call(1, 0, number, '{}'), unknown);
    }
    for (const hook of ['/internal/hooks.', '/internal/recovery.OnEnter']) {
      const hasHook = (folder: string) => readFileSync(path.join(folder, library)).includes(hook);
      assert.deepEqual([hasHook(nativeFolder), hasHook(hookedFolder)], [false, true], hook);
    }
  });

  it('without an addon, the package says what it tried and what to do', async (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-none-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    cpSync(path.join(root, 'lib'), path.join(folder, 'lib'), { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    const native = JSON.stringify(path.join(folder, 'lib', 'native.ts'));
    const { stdout } = await runProgram(
      `try { (await import(${native})).openNative(() => {}); } catch ({ name, code, message }) {
         console.log(name, code, message); }`,
    );
    const platform = `${process.platform}-${process.arch}`;
    assert.match(stdout, /^OperationError ERR_NATIVE_MISSING the package /);
    assert.ok(stdout.includes(path.join(folder, 'build', platform, 'mscp.node')), stdout);
    assert.ok(stdout.includes(`mediasoup-client-pion-${platform}`), stdout);
    assert.match(stdout, /node scripts\/bootstrap\.mjs/);
  });

  it('takes no argument that is not what it should be', () => {
    const native = openRaw(() => undefined);
    const bad = -3;
    const anything = native as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const args of [
      [],
      ['1', 0, 2, '{}'],
      [1, -1, 2, '{}'],
      [1, 0.5, 2, '{}'],
      [1, 0, 2, {}],
    ]) {
      assert.equal(anything['call']?.(...args), bad);
    }
    for (const args of [[], [0], [NaN, '', true], [2 ** 53, '', true], [0, 7, false], [0, '', 1]]) {
      assert.equal(anything['send']?.(...args), bad);
    }
    assert.equal(anything['query']?.(0), bad);
    assert.equal(native.take({} as never, new Uint8Array()), bad);
    for (const view of [new Int8Array(1), new Float64Array(1), new DataView(new ArrayBuffer(1))]) {
      assert.equal(anything['send']?.(0, view, false), bad);
      assert.equal(anything['take']?.(0, view), bad);
    }
    assert.equal(anything['take']?.(), bad);
    assert.equal(native.take(12345, new Uint8Array(1)), -1);
  });
});
