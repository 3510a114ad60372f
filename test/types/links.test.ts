// What README.md, SECURITY.md, CHANGELOG.md and docs/ link to within the repository is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

const documents = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The anchors of a document, as GitHub makes them of its headings. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function leadsSomewhere(document: string, target: string): boolean {
  const [name = '', anchor] = target.split('#');
  const file = name === '' ? join(root, document) : resolve(root, dirname(document), name);
  return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
}

describe('the links', () => {
  for (const document of documents) {
    it(`of ${document} lead somewhere`, () => {
      const text = readFileSync(join(root, document), 'utf8');
      const targets = [
        ...[...text.matchAll(/\]\(\s*([^)\s]+)\s*\)/g)].map(([, target = '']) => target),
        ...[...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target),
        ...[...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, target = '']) => target),
      ];
      const dead = targets.filter(
        (target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(document, target),
      );
      assert.deepEqual(dead, []);
    });
  }
});
