// What keeps a commit from being released.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryFaults } from '../../scripts/release-check.mjs';

const good = {
  status: '',
  manifest: '1.2.3',
  lock: '1.2.3',
  changelog: '# Changelog\n\n## Unreleased\n\n## 1.2.3\n\n- What changed.\n',
  tag: 'v1.2.3',
};

describe('a release', () => {
  it('is of a clean tree whose versions agree', () => {
    assert.deepEqual(repositoryFaults(good), []);
  });

  for (const [what, change, pattern] of [
    ['a dirty tree', { status: ' M lib/index.ts' }, /dirty.*\n.*lib\/index\.ts/],
    [
      'a lockfile of another version',
      { lock: '1.2.2' },
      /package-lock\.json is of version 1\.2\.2/,
    ],
    ['another tag', { tag: 'v1.2.4' }, /the tag is v1\.2\.4/],
    ['a changelog without the version', { changelog: '## 1.2.2\n' }, /newest version is 1\.2\.2/],
    [
      'a change that no version has',
      { changelog: '## Unreleased\n\n- New.\n\n## 1.2.3\n' },
      /entries under Unreleased/,
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const faults: string[] = repositoryFaults({ ...good, ...change });
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', pattern);
    });
  }
});
