// compatibility.ts compares everything that both packages export.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');

/** The names, of values and of types, that a module exports. */
function exportsOf(file: string): string[] {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  assert.ok(module, `${file} is a module`);
  return checker.getExportsOfModule(module).map(({ name }) => name);
}

describe('mediasoup-client-aiortc', () => {
  const main = createRequire(import.meta.url).resolve('mediasoup-client-aiortc');
  const old = exportsOf(main.replace(/\.js$/, '.d.ts'));
  const now = new Set(exportsOf(join(root, 'lib', 'index.ts')));
  const comparison = readFileSync(join(import.meta.dirname, 'compatibility.ts'), 'utf8');

  it('exports something', () => {
    assert.ok(old.includes('createWorker') && old.includes('WorkerSettings'), old.join(' '));
  });

  for (const name of old) {
    it(`exports ${name}, which this package exports too and which is compared`, () => {
      assert.ok(now.has(name));
      assert.match(comparison, new RegExp(`\\bOld\\.${name}\\b`));
      assert.match(comparison, new RegExp(`\\bNew\\.${name}\\b`));
    });
  }
});
