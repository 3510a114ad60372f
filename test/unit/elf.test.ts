// A native file that ends early is found out before the system's loader, which dies of it, sees it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { truncationOf } from '../../lib/elf.js';
import { nativeFolder } from './waist/native.js';

const addon = path.join(nativeFolder, 'mscp.node');

describe('a shared object', { skip: process.platform !== 'linux' && 'ELF is of Linux' }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-elf-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const fileOf = (bytes: Buffer | string) => {
    const file = path.join(folder, 'file');
    writeFileSync(file, bytes);
    return file;
  };

  it('is whole as it was built', () => {
    assert.equal(truncationOf(addon), undefined);
    assert.equal(truncationOf(path.join(nativeFolder, 'libmscp.so')), undefined);
  });

  for (const share of [0.1, 0.5, 0.999]) {
    it(`lacks its end: ${share} of it is there`, () => {
      const whole = readFileSync(addon);
      const length = Math.floor(whole.length * share);
      assert.equal(
        truncationOf(fileOf(whole.subarray(0, length))),
        `it ends after ${length} of at least ${whole.length} bytes`,
      );
    });
  }

  it('is none at all: the loader says so', () => {
    const whole = readFileSync(addon);
    for (const bytes of ['', 'text', 'x'.repeat(1000), whole.subarray(0, 40)]) {
      assert.equal(truncationOf(fileOf(bytes)), undefined);
    }
    // Of 32 bits, or big-endian.
    for (const at of [4, 5]) {
      const other = Buffer.from(whole.subarray(0, 1000));
      other[at] = other[at] === 1 ? 2 : 1;
      assert.equal(truncationOf(fileOf(other)), undefined);
    }
  });

  it('is not there, or may not be read: throws', () => {
    assert.throws(() => truncationOf(path.join(folder, 'nothing')), { code: 'ENOENT' });
    assert.throws(() => truncationOf(folder), { code: 'EISDIR' });
  });
});
