// docs/limits.md says what the code has: each bound is the number of its constant, and each test is there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../docs/', import.meta.url));
const text = readFileSync(path.join(folder, 'limits.md'), 'utf8');

type Link = { name: string; file: string };

const linksOf = (cell: string): Link[] =>
  [...cell.matchAll(/\[`?([^\]]*?)`?\]\(([^)]+)\)/g)].map(([, name = '', file = '']) => ({
    name,
    file,
  }));

const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes(']('))
  .map((line) => line.slice(1, -1).split(' | '))
  .map(([what = '', bound = '', , constant = '', tests = '']) => ({
    what: what.trim(),
    bound,
    constants: linksOf(constant),
    tests: linksOf(tests),
  }));

const units: Record<string, number> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  ms: 1e6,
  s: 1e9,
  minutes: 60e9,
  h: 3600e9,
};

/** The numbers that a cell names, in bytes and nanoseconds where it has their units. */
const numbersOf = (cell: string): number[] =>
  [...cell.matchAll(/(\d[\d,.]*)(?: (KiB|MiB|GiB|ms|s|minutes|h)\b)?/g)].map(
    ([, digits = '', unit = '']) =>
      Number(digits.replaceAll(',', '').replace(/\.$/, '')) * (units[unit] ?? 1),
  );

/** What a constant, or the tag of a member, is in a file. */
function valueOf({ name, file }: Link): number {
  const source = readFileSync(path.join(folder, file), 'utf8');
  const [type, member] = name.split('.');
  if (member !== undefined) {
    const body = source.slice(source.indexOf(`type ${type} struct`));
    const tag = new RegExp(`^\\s+${member}\\s.*most:"(\\d+)"`, 'm').exec(body);
    assert.ok(tag, `${name} is not in ${file}`);
    return Number(tag[1]);
  }
  const found = new RegExp(`\\b${name}\\b[^=\\n]* = ([^;/\\n]+)`, 'm').exec(source);
  assert.ok(found?.[1], `${name} is not in ${file}`);
  const expression = found[1]
    .replaceAll('_', '')
    .replaceAll(/time\.(Millisecond|Second|Minute|Hour)/g, (_, unit: string) =>
      String({ Millisecond: 1e6, Second: 1e9, Minute: 60e9, Hour: 3600e9 }[unit]),
    )
    .replaceAll(/(\d+)\s*<<\s*(\d+)/g, (_, base, shift) =>
      String(Number(base) * 2 ** Number(shift)),
    )
    .replaceAll(/[A-Za-z]\w*/g, (other) => String(valueOf({ name: other, file })));
  assert.match(expression, /^[\d\s.*+/()"'-]+$/, `${name} of ${file} is ${expression}`);
  return expression
    .replaceAll(/["'()]/g, '')
    .split('*')
    .reduce((product, factor) => product * Number(factor), 1);
}

test('each bound of docs/limits.md has a constant, and is its number', () => {
  assert.ok(rows.length > 10, `${rows.length} rows`);
  for (const { what, bound, constants } of rows) {
    assert.ok(constants.length > 0, `${what}: no constant`);
    const told = numbersOf(bound);
    for (const constant of constants) {
      const value = valueOf(constant);
      assert.ok(
        told.includes(value),
        `${what}: ${constant.name} is ${value}, told are ${told.join()}`,
      );
    }
  }
});

test('each bound of docs/limits.md has a test that exists', () => {
  for (const { what, tests } of rows) {
    assert.ok(tests.length > 0, `${what}: no test`);
    for (const { name, file } of tests) {
      const source = readFileSync(path.join(folder, file), 'utf8');
      const declared = file.endsWith('.go') ? `func ${name}(` : name;
      assert.ok(source.includes(declared), `${what}: ${name} is not in ${file}`);
    }
  }
});
