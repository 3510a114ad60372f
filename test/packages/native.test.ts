// Where the native code is not there, or can't be loaded: the error says what is wrong and what to do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { notFound, notLoaded } from '../../lib/native-errors.js';
import { oldestGlibc, packagedPlatforms, thisMachine } from '../../lib/platform.js';
import { packageManagersStep } from '../../scripts/lib/package-managers.mjs';
import { nodePrograms, nodeVersionsStep } from '../../scripts/lib/node-versions.mjs';
import { ROOT_GLIBC } from '../../scripts/lib/debian-root.mjs';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { platformNames } from '../../scripts/lib/target.mjs';
import { answerOf, Project } from './support/project.js';
import { openRegistry } from './support/registry.js';
import type { Registry } from './support/registry.js';
import { platform, root, tarballs } from './support/tarballs.js';

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};

const nativePackage = `mediasoup-client-pion-${platform}`;

let registry: Registry;
let app: Project;
let folder: string;

type Failure = { name: string; code: string; message: string };

/** Where `mount` and `cp` are. */
const systemPath = '/usr/bin:/bin:/usr/sbin:/sbin';

/** What createWorker() says, in a process that `setup` changes first. */
async function failure(setup = ''): Promise<Failure> {
  app.write('setup.cjs', setup);
  const answer = answerOf(await app.node('--require', './setup.cjs', 'fail.mjs'));
  return answer as Failure;
}

const pretendToBe = (platform: string, arch: string) =>
  `Object.defineProperties(process, { platform: { value: '${platform}' }, arch: { value: '${arch}' } });`;

/** A report of a Node that was linked with musl has no version of glibc. */
const reportOf = (header: object) =>
  `process.report.getReport = () => ({ header: ${JSON.stringify(header)} });`;

/** Replaces the native package for one test. */
function withNative(change: () => void, test: () => Promise<void>): () => Promise<void> {
  return async () => {
    const kept = path.join(app.folder, 'kept');
    cpSync(folder, kept, { recursive: true });
    change();
    try {
      await test();
    } finally {
      rmSync(folder, { recursive: true, force: true });
      cpSync(kept, folder, { recursive: true });
      rmSync(kept, { recursive: true });
    }
  };
}

describe('native code that is not there', () => {
  before(async () => {
    await runSteps([nodeVersionsStep(), packageManagersStep()], { quiet: true });
    const { main, native } = tarballs();
    registry = await openRegistry([main, native]);
    app = new Project(registry.url);
    app.dependOn({ 'mediasoup-client-pion': version });
    await app.manage('npm', 'install');
    app.add('fail.mjs');
    folder = path.join(app.folder, 'node_modules', nativePackage);
  });
  after(async () => {
    app.remove();
    await registry.close();
  });

  it('is no problem where it is there', async () => {
    assert.equal((await failure()).code, 'none');
  });

  it('is missing: says what was left out and how to get it', async () => {
    rmSync(path.join(app.folder, 'node_modules'), { recursive: true });
    try {
      await app.manage('npm', 'install', '--omit=optional');
      const { name, code, message } = await failure();
      assert.equal(name, 'OperationError');
      assert.equal(code, 'ERR_NATIVE_MISSING');
      assert.match(message, new RegExp(`the package ${nativePackage}, .* is not installed`));
      assert.match(message, /--omit=optional/);
      assert.match(message, /lockfile/);
      assert.ok(message.includes(`npm install --no-save ${nativePackage}@${version}`), message);
    } finally {
      await app.manage('npm', 'install');
    }
  });

  it(
    'is of another version: names both',
    withNative(
      () => {
        const file = path.join(folder, 'package.json');
        const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
        writeFileSync(file, JSON.stringify({ ...manifest, version: '0.0.1' }));
      },
      async () => {
        const { code, message } = await failure();
        assert.equal(code, 'ERR_NATIVE_VERSION');
        assert.ok(message.includes(`${nativePackage} is 0.0.1`), message);
        assert.ok(message.includes(`mediasoup-client-pion is ${version}`), message);
      },
    ),
  );

  for (const file of ['mscp.node', 'libmscp.so']) {
    it(
      `is damaged (${file}): names the file and what the system says`,
      withNative(
        () => {
          writeFileSync(path.join(folder, file), 'not what it was');
        },
        async () => {
          const { code, message } = await failure();
          assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
          assert.match(message, new RegExp(`${nativePackage}/mscp\\.node cannot be loaded, as `));
          assert.match(message, /damaged/);
          assert.match(message, /remove node_modules and install/);
        },
      ),
    );
  }

  for (const file of ['mscp.node', 'libmscp.so']) {
    it(
      `ends early (${file}): says after how many bytes, and the process lives`,
      withNative(
        () => {
          const at = path.join(folder, file);
          truncateSync(at, Math.floor(statSync(at).size / 2));
        },
        async () => {
          const { code, message } = await failure();
          assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
          assert.match(message, new RegExp(`${file}: it ends after \\d+ of at least \\d+ bytes`));
        },
      ),
    );
  }

  it(
    'has a library of another build: names both versions of the ABI',
    withNative(
      () => {
        const source = path.join(folder, 'other.c');
        writeFileSync(
          source,
          `#include "abi.h"
           const mscp_table *mscp_open_abi(uint32_t version, uint32_t *other) {
             *other = 4711;
             return version == 4711 ? (const mscp_table *)1 : NULL;
           }`,
        );
        const include = `-I${path.join(root, 'goexport')}`;
        const library = path.join(folder, 'libmscp.so');
        execFileSync('cc', ['-shared', '-fPIC', include, '-o', library, source]);
      },
      async () => {
        const { code, message } = await failure();
        assert.equal(code, 'ERR_ABI_MISMATCH');
        assert.match(message, /speaks ABI version \d+, but .*libmscp\.so speaks version 4711/);
        assert.match(message, /Install mediasoup-client-pion again/);
      },
    ),
  );

  it(
    'lacks the library: says so',
    withNative(
      () => {
        rmSync(path.join(folder, 'libmscp.so'));
      },
      async () => {
        const { code, message } = await failure();
        assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
        assert.match(message, /libmscp\.so: cannot open shared object file/);
        assert.match(message, /the core, which lies beside the addon, is not there/);
        assert.match(message, /copy libmscp\.so as well/);
        assert.doesNotMatch(message, /damaged/);
      },
    ),
  );

  it('is on a file system without programs (noexec): says so', async () => {
    const mount = `mount -t tmpfs -o noexec none "$1" && cp -r "$1.kept/." "$1" && exec "$2" fail.mjs`;
    cpSync(folder, `${folder}.kept`, { recursive: true });
    try {
      const args = ['-m', 'sh', '-c', mount, 'sh', folder, process.execPath];
      const { code, message } = answerOf(
        await app.run('/usr/bin/unshare', args, { PATH: systemPath }),
      ) as Failure;
      assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
      assert.match(message, /forbids running programs \(noexec\): .*without noexec/);
    } finally {
      rmSync(`${folder}.kept`, { recursive: true });
    }
  });

  it(
    'may not be read by the user: says so',
    withNative(
      () => {
        chmodSync(app.folder, 0o755);
        chmodSync(path.join(folder, 'mscp.node'), 0o600);
      },
      async () => {
        const args = ['--reuid=65534', '--clear-groups', process.execPath, 'fail.mjs'];
        const { code, message } = answerOf(await app.run('/usr/bin/setpriv', args)) as Failure;
        assert.equal(code, 'ERR_LIBRARY_NOT_LOADED');
        assert.match(message, /this user may not read it: /);
      },
    ),
  );

  for (const { major, program } of nodePrograms()) {
    const flag = major < 22 ? '--experimental-permission' : '--permission';

    /** In the app's folder, where Node gives its own flags no leave to read others. */
    const withFlags = async (...flags: string[]) =>
      answerOf(await app.run(program, [...flags, 'fail.mjs'])) as Failure;

    describe(`forbidden to Node ${major}`, () => {
      it(`by ${flag}: names the flag that allows it`, async () => {
        const { code, message } = await withFlags(flag, '--allow-fs-read=*');
        assert.equal(code, 'ERR_NATIVE_FORBIDDEN');
        assert.match(message, /--permission forbids it: start Node\.js with --allow-addons too/);
        assert.doesNotMatch(message, /damaged|--no-addons|remove node_modules/);
        const allowed = await withFlags(flag, '--allow-fs-read=*', '--allow-addons');
        assert.equal(allowed.code, 'none');
      });

      it('by --no-addons: says to start without it', async () => {
        const { code, message } = await withFlags('--no-addons');
        assert.equal(code, 'ERR_NATIVE_FORBIDDEN');
        assert.match(message, /start Node\.js without --no-addons \(/);
        assert.doesNotMatch(message, /damaged|--allow-addons|remove node_modules/);
      });

      it('by NODE_OPTIONS: says where the flag is', async () => {
        const env = { NODE_OPTIONS: '--no-addons' };
        const { code, message } = answerOf(await app.run(program, ['fail.mjs'], env)) as Failure;
        assert.equal(code, 'ERR_NATIVE_FORBIDDEN');
        assert.match(message, /without --no-addons, which is in NODE_OPTIONS/);
      });

      it(`by ${flag} and --no-addons: names both`, async () => {
        const { code, message } = await withFlags(flag, '--allow-fs-read=*', '--no-addons');
        assert.equal(code, 'ERR_NATIVE_FORBIDDEN');
        assert.match(message, /with --allow-addons too, and without --no-addons/);
      });

      it(`by ${flag}, which does not let the native package be read: names the folder`, async () => {
        const readable = readdirSync(path.join(app.folder, 'node_modules'))
          .filter((name) => name !== nativePackage)
          .map((name) => `--allow-fs-read=${path.join(app.folder, 'node_modules', name)}`);
        const files = ['package.json', 'fail.mjs'].map(
          (name) => `--allow-fs-read=${path.join(app.folder, name)}`,
        );
        const { code, message } = await withFlags(flag, '--allow-addons', ...readable, ...files);
        assert.equal(code, 'ERR_NATIVE_FORBIDDEN', message);
        assert.match(message, /start Node\.js with --allow-fs-read=\S+ too/);
      });
    });
  }

  it('is not made for the processor: names those that it is made for', async () => {
    const { code, message } = await failure(pretendToBe('linux', 'riscv64'));
    assert.equal(code, 'ERR_NATIVE_PLATFORM');
    assert.match(message, /no native code for linux-riscv64/);
    assert.match(message, /linux-x64, linux-arm64 and win32-x64/);
    assert.match(message, /docs\/building\.md/);
  });

  for (const [system, arch] of [
    ['darwin', 'arm64'],
    ['win32', 'arm64'],
  ] as const) {
    it(`is not made for ${system}: says so`, async () => {
      const { code, message } = await failure(pretendToBe(system, arch));
      assert.equal(code, 'ERR_NATIVE_PLATFORM');
      assert.match(message, new RegExp(`no native code for ${system}-${arch}`));
    });
  }

  it(
    'cannot be loaded with an older glibc: names both versions',
    withNative(
      () => {
        writeFileSync(path.join(folder, 'libmscp.so'), 'not what it was');
      },
      async () => {
        const { code, message } = await failure(reportOf({ glibcVersionRuntime: '2.28' }));
        assert.equal(code, 'ERR_NATIVE_LIBC');
        assert.match(message, /needs glibc 2\.31 or later, and this system has 2\.28/);
      },
    ),
  );

  it('is not installed where musl is: says what to use instead', () => {
    const error = notFound({ platform: 'linux', arch: 'x64', libc: 'musl' }, version, []);
    assert.equal((error as Error & { code: string }).code, 'ERR_NATIVE_LIBC');
    assert.match(error.message, /this system has musl \(Alpine Linux/);
    assert.match(error.message, /node:22-slim/);
  });

  it('has no core beside it on Windows: says so in any language of the system', () => {
    const file = String.raw`C:\app\libmscp.dll`;
    const cause = new Error(`cannot load the core: ${file}: Das Modul wurde nicht gefunden. (126)`);
    const machine = { platform: 'win32', arch: 'x64' };
    const error = notLoaded(machine, String.raw`C:\app\mscp.node`, cause);
    assert.equal((error as Error & { code: string }).code, 'ERR_LIBRARY_NOT_LOADED');
    assert.match(error.message, /copy libmscp\.dll as well/);
  });

  it('cannot be loaded where musl is, although it was installed', () => {
    const cause = new Error('Error loading shared library ld-linux-x86-64.so.2: No such file');
    const machine = { platform: 'linux', arch: 'x64', libc: 'musl' } as const;
    const error = notLoaded(machine, '/app/mscp.node', cause);
    assert.equal((error as Error & { code: string }).code, 'ERR_NATIVE_LIBC');
    assert.equal(error.cause, cause);
  });
});

describe('the machine', () => {
  it('has the glibc that ldd tells', () => {
    const machine = thisMachine();
    assert.equal(machine.libc, 'glibc');
    assert.match(machine.glibc ?? '', /^2\.\d+$/);
  });

  it('is one of those that packages are made for, as the scripts have them', () => {
    assert.deepEqual([...packagedPlatforms], platformNames);
    assert.equal(oldestGlibc, ROOT_GLIBC);
  });
});
