// The API reference is made without a warning: everything exported is documented, and every link leads somewhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const typedoc = join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');

it('typedoc has no warning', () => {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [typedoc, '--emit', 'none'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (error) throw error;
  assert.equal(status, 0, stdout + stderr);
});
