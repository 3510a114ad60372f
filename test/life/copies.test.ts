// Two copies of the package in one process, as where two packages depend on it and npm can't share it.
import assert from 'node:assert/strict';
import { cpSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { decode, folder } from '../e2e/recordings.js';
import { nativeFolder, root } from '../unit/waist/native.js';
import { openServedRoom, runLife } from './apps.js';
import { clip, isLong } from './participants.js';

type Manifest = { name: string; version: string };

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const NAME = manifest.name;
const native = path.basename(nativeFolder);

/** Installs the package in a folder as npm does; or, of files that another folder has, as pnpm does: as hard links. */
function install(at: string, version: string, linked?: string): string {
  const modules = path.join(at, 'node_modules');
  const [main, platform] = [path.join(modules, NAME), path.join(modules, `${NAME}-${native}`)];
  for (const made of [main, platform]) mkdirSync(made, { recursive: true });
  cpSync(path.join(root, 'dist'), path.join(main, 'dist'), { recursive: true });
  if (version !== manifest.version) {
    const bundle = path.join(main, 'dist', 'library.cjs');
    const text = readFileSync(bundle, 'utf8');
    writeFileSync(bundle, text.replaceAll(`"${manifest.version}"`, `"${version}"`));
  }
  writeFileSync(path.join(main, 'package.json'), JSON.stringify({ ...manifest, version }));
  for (const file of ['mscp.node', 'libmscp.so']) {
    const to = path.join(platform, file);
    if (linked) linkSync(path.join(linked, 'node_modules', path.basename(platform), file), to);
    else cpSync(path.join(nativeFolder, file), to);
  }
  const own = { name: `${NAME}-${native}`, version };
  writeFileSync(path.join(platform, 'package.json'), JSON.stringify(own));
  for (const name of ['mediasoup-client', 'fake-mediastreamtrack', 'debug']) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  return at;
}

const installs = {
  'of two versions': { other: '99.0.0', isLinked: false },
  'of one version': { other: manifest.version, isLinked: false },
  'that share their files on the disk': { other: manifest.version, isLinked: true },
};

describe('two copies in one process', { concurrency: 3 }, () => {
  for (const [name, { other, isLinked }] of Object.entries(installs).slice(
    0,
    isLong ? undefined : 1,
  )) {
    it(`${name} are at work side by side, and each ends alone`, async (t) => {
      const at = folder(t);
      const first = install(path.join(at, 'first'), manifest.version);
      const second = install(path.join(at, 'second'), other, isLinked ? first : undefined);
      const args = [await openServedRoom(t), clip, at, first, second];
      const { code, signal, stdout, stderr } = await runLife('copies.mjs', args);
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
      assert.deepEqual(JSON.parse(stdout), {
        versions: [manifest.version, other],
        same: [true, true],
        different: 2,
        workers: [1, 1],
        // The loader knows a file by what it is on the disk.
        libraries: isLinked ? 1 : 2,
      });
      for (const number of [0, 1]) {
        for (const { frames } of await decode(path.join(at, `${number}.webm`))) {
          assert.ok(frames > 3, `${frames} frames`);
        }
      }
    });
  }
});
