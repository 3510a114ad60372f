// The tests that mediasoup-client-aiortc publishes with itself (its lib/test; ISC, see its LICENSE), run with this package in
// its place. They are read from node_modules, not copied; `adapted()` is all that is changed in them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const installed = path.join(root, 'node_modules');
const tests = path.join(installed, 'mediasoup-client-aiortc/lib/test');
const folder = mkdtempSync(path.join(os.tmpdir(), 'replaced-package-'));

// Before a release: REPLACED_PACKAGE_RUNS=50.
const runs = Number(process.env['REPLACED_PACKAGE_RUNS'] ?? 3);

/** What they use of Jest, by Node.js' runner and Jest's own `expect`. */
const RUNNER = `
const node = require('node:test');
const { expect } = require('expect');
const test = (name, body, timeout) => node.test(name, { timeout }, () => body());
const beforeEach = (body, timeout) => node.beforeEach(() => body(), { timeout });
const afterEach = (body, timeout) => node.afterEach(() => body(), { timeout });
`;

/** Changes what is found so often; another version of the tests would not pass unnoticed. */
function replace(source: string, pattern: RegExp, times: number, replacement: string): string {
  assert.equal([...source.matchAll(pattern)].length, times, String(pattern));
  return source.replaceAll(pattern, replacement);
}

function adapted(): string {
  let source = readFileSync(path.join(tests, 'test.js'), 'utf8');
  source = replace(source, /require\("\.\.\/"\)/g, 1, 'require("mediasoup-client-aiortc")');
  // They pin that aiortc sends two header extensions, and which: here these are among others.
  source = replace(source, /^ *expect\(headerExtensions\.length\)\.toBe\(2\);\n/gm, 2, '');
  source = replace(
    source,
    /expect\(headerExtensions\[\d\]\.uri\)\.toBe\(('[^']+')\)/g,
    4,
    'expect(headerExtensions.map(({ uri }) => uri)).toContain($1)',
  );
  return RUNNER + source;
}

before(() => {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@lukeed'), { recursive: true });
  symlinkSync(root, path.join(modules, 'mediasoup-client-aiortc'));
  for (const name of ['mediasoup-client', 'expect', '@lukeed/uuid']) {
    symlinkSync(path.join(installed, name), path.join(modules, name));
  }
  // Where they look for their clip of 5 s, of H264 and AAC.
  mkdirSync(path.join(folder, 'src/test/data'), { recursive: true });
  symlinkSync(fixturePath('red-440hz.mp4'), path.join(folder, 'src/test/data/small.mp4'));
  copyFileSync(path.join(tests, 'fakeParameters.js'), path.join(folder, 'fakeParameters.js'));
  writeFileSync(path.join(folder, 'test.js'), adapted());
});

after(() => {
  rmSync(folder, { recursive: true });
});

describe('the tests of mediasoup-client-aiortc', () => {
  for (let run = 1; run <= runs; run += 1) {
    it(`all pass, run ${run}`, { timeout: 120_000 }, () => {
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--test-reporter=tap', 'test.js'],
        { cwd: folder, encoding: 'utf8', timeout: 110_000, env },
      );
      assert.match(stdout, /^# tests 22\n(?:#.*\n)*# pass 22$/m, `${stdout}\n${stderr}`);
      // It exits by itself.
      assert.equal(status, 0, `${stdout}\n${stderr}`);
    });
  }
});
