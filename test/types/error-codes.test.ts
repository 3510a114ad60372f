// docs/troubleshooting.md tells of each error code, and of none that does not exist.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8');

/** The codes that the sources of a folder make. */
function codesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.endsWith('_test.go'))
    .flatMap(
      (name) => readFileSync(join(root, folder, name), 'utf8').match(/\bERR_[A-Z_]*[A-Z]\b/g) ?? [],
    );
}

/** What Node.js says, which the sources tell apart. */
const ofNode = ['ERR_ACCESS_DENIED', 'ERR_DLOPEN_DISABLED'];

const used = new Set([
  ...codesIn('lib', /\.ts$/),
  ...codesIn('handler', /\.ts$/),
  ...codesIn('internal', /\.go$/),
  ...codesIn('goexport', /\.(?:go|h|c)$/),
  ...codesIn('src', /\.(?:cc|h)$/),
]);
for (const code of ofNode) used.delete(code);

/** The guide's entries: the heading of each, and its text. */
const entries = new Map(
  guide
    .split(/^### /m)
    .slice(1)
    .map((entry) => /^(\S[^\n]*)\n([^]*)$/.exec(entry))
    .filter((match) => match?.[1]?.startsWith('ERR_'))
    .map((match) => [match?.[1] ?? '', match?.[2] ?? '']),
);

describe('docs/troubleshooting.md', () => {
  it('has an entry for each code in the source, and no other', () => {
    assert.ok(used.size > 10, 'codes are found in the source');
    assert.deepEqual([...entries.keys()].sort(), [...used].sort());
  });

  for (const [code, text] of entries) {
    it(`tells name, cause and cure of ${code}`, () => {
      assert.match(text, /^\n`\w*Error`/);
      assert.match(text, /\*\*Cause:\*\* \S/);
      assert.match(text, /\*\*Cure:\*\* \S/);
    });
  }
});
