// What is published: the files, the manifests, the binaries, the bill of materials.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { ROOT_GLIBC } from '../../scripts/lib/debian-root.mjs';
import { faultsOf, inspect } from '../../scripts/packaging/binary.mjs';
import { platformFiles } from '../../scripts/packaging/manifest.mjs';
import {
  filesOf,
  MAX_MAIN_PACKED,
  MAX_PLATFORM_UNPACKED,
  sizeOf,
} from '../../scripts/packaging/sizes.mjs';
import { EXPORTED, stagesDir } from '../../scripts/packaging/tarballs.mjs';
import { platform, root, tarballs, unpack } from './support/tarballs.js';
import type { Tarballs } from './support/tarballs.js';

type File = { name: string; size: number };

const namesIn = (tarball: string) => (filesOf(tarball) as File[]).map(({ name }) => name);

const json = (...parts: string[]) =>
  JSON.parse(readFileSync(path.join(...parts), 'utf8')) as Record<string, unknown>;

const own = json(root, 'package.json');

let packed: Tarballs;
let scratch: string;
let main: string;
let native: string;

before(() => {
  packed = tarballs();
  scratch = mkdtempSync(path.join(os.tmpdir(), 'mscp-tarballs-'));
  main = unpack(packed.main, path.join(scratch, 'main'));
  native = unpack(packed.native, path.join(scratch, 'native'));
});
after(() => {
  rmSync(scratch, { recursive: true });
});

describe('the main package', () => {
  it('has JavaScript, types and documents, and nothing else', () => {
    const files = namesIn(packed.main);
    const expected =
      /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE|docs\/[\w-]+\.md|dist\/\S+\.(?:cjs|mjs|d\.ts)|dist\/(?:cjs|esm)\/package\.json)$/;
    assert.deepEqual(
      files.filter((name) => !expected.test(name)),
      [],
    );
    for (const name of [
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'docs/migrating.md',
    ]) {
      assert.ok(files.includes(name), name);
    }
  });

  it('is below 300 kB', () => {
    const size = sizeOf(packed.main);
    assert.ok(size.packed < MAX_MAIN_PACKED, `${size.packed} bytes packed`);
  });

  it('runs no script where it is installed, and wants nothing that only a clone needs', () => {
    const manifest = json(main, 'package.json');
    assert.equal(manifest['scripts'], undefined);
    assert.equal(manifest['devDependencies'], undefined);
    // In a clone, `npm install` would have node-gyp empty build/ for a binding.gyp.
    assert.equal(own['gypfile'], false);
    assert.equal(manifest['gypfile'], undefined);
    assert.deepEqual(manifest['dependencies'], own['dependencies']);
    assert.equal(manifest['peerDependencies'], undefined);
  });

  it('names the package of each platform in exactly its own version', () => {
    const { version, optionalDependencies } = json(main, 'package.json');
    assert.equal(version, own['version']);
    assert.deepEqual(optionalDependencies, {
      'mediasoup-client-pion-linux-x64': version,
      'mediasoup-client-pion-linux-arm64': version,
      'mediasoup-client-pion-win32-x64': version,
    });
  });
});

describe(`the package of ${platform}`, () => {
  it('has the native code, its licences and its bill of materials, and nothing else', () => {
    const files = namesIn(packed.native);
    assert.deepEqual(files.sort(), ['package.json', ...platformFiles(platform)].sort());
  });

  it('is below 42 MB', () => {
    const { unpacked } = sizeOf(packed.native);
    assert.ok(unpacked < MAX_PLATFORM_UNPACKED, `${unpacked} bytes unpacked`);
  });

  it('is installed where it runs, and runs no script there', () => {
    const { version, os, cpu, libc, scripts } = json(native, 'package.json');
    assert.deepEqual(
      { version, os, cpu, libc, scripts },
      {
        version: own['version'],
        os: [process.platform],
        cpu: [process.arch],
        libc: ['glibc'],
        scripts: undefined,
      },
    );
  });

  for (const [name, exported] of Object.entries(EXPORTED)) {
    it(`${name} asks for nothing but glibc ${ROOT_GLIBC}, shows what it has to, and is hardened`, () => {
      const file = path.join(native, name);
      assert.deepEqual(faultsOf(file, { arch: process.arch, exported, glibc: ROOT_GLIBC }), []);
    });
  }

  it('is looked at: what a clone builds for itself is found fault with', () => {
    const file = path.join(root, 'build', platform, 'libmscp.so');
    const arch = process.arch === 'x64' ? 'arm64' : 'x64';
    const faults = faultsOf(file, { arch, exported: ['other'], glibc: '2.0' });
    for (const pattern of [
      /^is for /,
      /^shows mscp_open_abi/,
      /^needs glibc /,
      /file with its sym/,
    ]) {
      assert.ok(
        faults.some((fault: string) => pattern.test(fault)),
        `${pattern}: ${faults.join()}`,
      );
    }
  });

  it('is what a clone runs with, where NODE_PATH names its folder', () => {
    const program = `
      const { createWorker } = require(${JSON.stringify(path.join(root, 'dist', 'index.cjs'))});
      createWorker().then((worker) => {
        worker.close();
        process.stdout.write(require('node:fs').readFileSync('/proc/self/maps', 'utf8'));
      });`;
    const maps = execFileSync(process.execPath, ['--eval', program], {
      encoding: 'utf8',
      env: { ...process.env, NODE_PATH: stagesDir },
    });
    const loaded = maps.match(/\S+libmscp\.so$/gm);
    const expected = path.join(stagesDir, `mediasoup-client-pion-${platform}`, 'libmscp.so');
    assert.deepEqual([...new Set(loaded)], [expected]);
  });

  it('has none of the hooks of tests', () => {
    const text = readFileSync(path.join(native, 'libmscp.so'), 'latin1');
    assert.ok(text.includes('/internal/service.'));
    assert.ok(!text.includes('/internal/hooks.'));
    assert.ok(!text.includes('/internal/recovery.OnEnter'));
  });

  it('was linked with this version of the core', () => {
    const text = readFileSync(path.join(native, 'libmscp.so'), 'latin1');
    assert.ok(text.includes(String(own['version'])));
    assert.ok(inspect(path.join(native, 'libmscp.so')).exported.includes('mscp_open_abi'));
  });
});

type Component = { name: string; version: string; licenses: object[]; components?: Component[] };

describe('the bill of materials', () => {
  const bill = () => json(native, 'sbom.cdx.json') as unknown as Bill;
  type Bill = {
    bomFormat: string;
    specVersion: string;
    serialNumber: string;
    metadata: { component: { name: string; version: string } };
    components: (Component & { 'bom-ref': string })[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };

  it('is of this package', () => {
    const { bomFormat, specVersion, serialNumber, metadata } = bill();
    assert.deepEqual([bomFormat, specVersion], ['CycloneDX', '1.6']);
    assert.match(
      serialNumber,
      /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    assert.equal(metadata.component.name, `mediasoup-client-pion-${platform}`);
    assert.equal(metadata.component.version, own['version']);
  });

  it('is CycloneDX 1.6, by its schema', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    assert.equal(await validator.validate(JSON.stringify(bill())), null);
    const [component] = bill().components;
    const wrong = { ...bill(), components: [{ ...component, type: 'part' }] };
    assert.notEqual(await validator.validate(JSON.stringify(wrong)), null);
  });

  it('names every module that Go wrote into the library', () => {
    const text = readFileSync(path.join(native, 'libmscp.so'), 'latin1');
    const modules = [...text.matchAll(/\ndep\t(\S+)\t(v\S+)\t/g)].map(([, name, version]) =>
      [name, version].join(' '),
    );
    assert.ok(modules.length > 10, 'the build information of Go was read');
    const named = bill().components.map(({ name, version }) => `${name} ${version}`);
    assert.deepEqual(
      modules.filter((module) => !named.includes(module)),
      [],
    );
  });

  it('has a version and a licence of each part, and the parts of FFmpeg', () => {
    const { components, dependencies } = bill();
    const all = components.flatMap((component) => [component, ...(component.components ?? [])]);
    for (const { name, version, licenses } of all) {
      assert.match(version, /\d/, name);
      assert.equal(licenses.length, 1, name);
    }
    const names = all.map(({ name }) => name);
    for (const name of [
      'ffmpeg',
      'libavcodec',
      'libavformat',
      'opus',
      'miniaudio',
      'node-addon-api',
    ]) {
      assert.ok(names.includes(name), name);
    }
    const refs = components.map((component) => component['bom-ref']);
    for (const { dependsOn } of dependencies) {
      assert.deepEqual(
        dependsOn.filter((ref) => !refs.includes(ref)),
        [],
      );
    }
  });

  it('has each part among the licences', () => {
    const licenses = readFileSync(path.join(native, 'THIRD_PARTY_LICENSES'), 'utf8');
    for (const { name } of bill().components) {
      assert.match(licenses, new RegExp(`^${name.replaceAll(/\W/g, '\\$&')} `, 'm'), name);
    }
  });
});
