// Builds the static C libraries: position-independent, LGPL or freer, no shared objects.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { libraries } from './c-library-list.mjs';
import { fetchSource } from './download.mjs';
import { capture, run } from './process.mjs';
import { inProject, keyOf, logDir, platformKey } from './project.mjs';

// Raised when the way of building, or of merging, changes although no version or flag does.
const RECIPE = 1;
const RECIPE_WITH_NEEDS = 2;
const MERGE_RECIPE = 4;

// Configured prefix. What is installed is relocatable, so this path need not exist anywhere.
const NEUTRAL_PREFIX = '/mediasoup-client-pion';

/** The compiler takes part in every key: its code is in what was built. */
export function compilerId(compiler = process.env.CC || 'gcc') {
  const text = capture(compiler, ['-dumpfullversion', '-dumpmachine']);
  return `${path.basename(compiler)} ${text?.replaceAll('\n', ' ') ?? 'absent'}`;
}

const named = (name) => libraries.find((library) => library.name === name);

function libraryKey(library, compiler) {
  const { version, sha256, configure, make, needs = [], prepare = [], environment } = library;
  const flags = process.env.CFLAGS ?? '';
  const parts = [RECIPE, version, sha256, configure, make, compiler, flags, platformKey];
  if (needs.length + prepare.length > 0 || environment) {
    parts.push(
      RECIPE_WITH_NEEDS,
      prepare,
      environment,
      ...needs.map((name) => libraryKey(named(name), compiler)),
    );
  }
  return keyOf(parts);
}

function libraryDir(library, compiler) {
  return artefactDir(`${library.name}-${library.version}`, libraryKey(library, compiler));
}

function prefixDir(compiler) {
  return artefactDir(
    'prefix',
    keyOf([MERGE_RECIPE, ...libraries.map((library) => libraryKey(library, compiler))]),
  );
}

const link = inProject('deps', 'prefix');

/** The merged prefix by its real path, which names its key; undefined before it is built. */
export function depsPrefix() {
  try {
    return fs.realpathSync(link);
  } catch {
    return undefined;
  }
}

/** Changes whenever any of the libraries does. */
export const depsKey = () => path.basename(depsPrefix() ?? 'none');

export function cLibrariesStep() {
  return {
    name: 'C libraries (FFmpeg and what it needs, libvpx, opus, openh264)',
    expectedSeconds: libraries.reduce((sum, { seconds }) => sum + seconds, 0),
    current() {
      const dir = prefixDir(compilerId());
      return isComplete(dir) && depsPrefix() === fs.realpathSync(dir);
    },
    async run(progress) {
      const compiler = compilerId();
      const total = libraries.reduce((sum, { seconds }) => sum + seconds, 0);
      let before = 0;
      for (const library of libraries) {
        const dir = libraryDir(library, compiler);
        if (!isComplete(dir)) {
          const started = Date.now();
          await buildArtefact(dir, (temporary) =>
            buildLibrary(library, compiler, temporary, (text, share) =>
              progress.update(
                `${library.name} ${library.version} ${text}`,
                (before + share * library.seconds) / total,
              ),
            ),
          );
          const seconds = Math.round((Date.now() - started) / 1000);
          progress.note(`${library.name} ${library.version}: ${seconds} s`);
        }
        before += library.seconds;
      }

      const dir = prefixDir(compiler);
      if (!isComplete(dir)) {
        await buildArtefact(dir, (temporary) => {
          for (const library of libraries) {
            merge(libraryDir(library, compiler), temporary);
          }
          flatten(path.join(temporary, 'lib', 'pkgconfig'));
          // mediadevices asks for <openh264/codec_api.h>; upstream installs it into wels/.
          fs.symlinkSync('wels', path.join(temporary, 'include', 'openh264'));
        });
      }
      pointTo(dir);
    },
  };
}

async function buildLibrary(library, compiler, target, report) {
  report('download', 0);
  const tarball = await fetchSource(library);

  const log = path.join(logDir, `${library.name}.log`);
  fs.rmSync(log, { force: true });
  const source = path.join(target, 'source');
  fs.mkdirSync(source);
  report('unpack', 0);
  await run('tar', ['-xf', tarball, '-C', source, '--strip-components=1'], {
    log,
  });

  const stage = path.join(target, 'stage');
  let compiled = 0;
  const onLine = (line) => {
    // "CC x.o" and "[CC] x.c" of quiet makefiles, whole compiler lines of others, "[12/34] …" of ninja.
    if (/^\s*\[?(?:CC|CXX|AS|X86ASM|NASM)\b|\s-c\s|^nasm\s|^\[\d+\/\d+\] /.test(line)) {
      compiled++;
      report('compile', compiled / library.objects);
    }
  };
  for (const [text, [command, ...args]] of commands(library, stage)) {
    report(text, text === 'install' ? 1 : 0);
    const env = { ...process.env, ...neededPaths(library, compiler), ...library.environment };
    await run(command, args, { cwd: source, log, onLine, env });
  }

  const installed = path.join(stage, NEUTRAL_PREFIX);
  for (const part of ['include', 'lib']) {
    fs.renameSync(path.join(installed, part), path.join(target, part));
  }
  fs.mkdirSync(path.join(target, 'licenses'));
  for (const name of fs.readdirSync(source)) {
    if (/^(COPYING|Copyright|LICENSE|PATENTS|AUTHORS)/.test(name)) {
      fs.copyFileSync(
        path.join(source, name),
        path.join(target, 'licenses', `${library.name}-${name}`),
      );
    }
  }
  fs.rmSync(stage, { recursive: true });
  fs.rmSync(source, { recursive: true });
  relocate(path.join(target, 'lib', 'pkgconfig'));
}

/** What builds and installs a library, run in its source folder: what is being done, and the command. */
function commands(library, stage) {
  const { system, prepare = [], configure } = library;
  const jobs = `-j${os.availableParallelism()}`;
  const ninja = [
    ['compile', ['ninja', '-C', 'build', jobs]],
    ['install', ['env', `DESTDIR=${stage}`, 'ninja', '-C', 'build', 'install']],
  ];
  const before = prepare.map((command) => ['configure', command]);
  switch (system) {
    case 'meson': {
      const options = ['--buildtype=release', '--libdir=lib', '-Ddefault_library=static'];
      const setup = ['meson', 'setup', 'build', `--prefix=${NEUTRAL_PREFIX}`, ...options];
      return [...before, ['configure', [...setup, ...configure]], ...ninja];
    }
    case 'cmake': {
      const options = [
        `-DCMAKE_INSTALL_PREFIX=${NEUTRAL_PREFIX}`,
        '-DCMAKE_INSTALL_LIBDIR=lib',
        '-DCMAKE_BUILD_TYPE=Release',
        '-DCMAKE_POSITION_INDEPENDENT_CODE=ON',
      ];
      const setup = ['cmake', '-S', '.', '-B', 'build', '-G', 'Ninja', ...options];
      return [...before, ['configure', [...setup, ...configure]], ...ninja];
    }
    default: {
      const setup = configure ? ['./configure', `--prefix=${NEUTRAL_PREFIX}`, ...configure] : null;
      const variables = configure ? [] : [`PREFIX=${NEUTRAL_PREFIX}`];
      const settings = (library.make ?? []).filter((word) => word.includes('='));
      const install = [library.install ?? 'install'].flat();
      return [
        ...before,
        ...(setup ? [['configure', setup]] : []),
        ['compile', ['make', jobs, ...variables, ...(library.make ?? [])]],
        ['install', ['make', `DESTDIR=${stage}`, ...variables, ...settings, ...install]],
      ];
    }
  }
}

/** Where a compiler and pkg-config find what a library needs, without a path that gets into what is built. */
function neededPaths({ needs = [] }, compiler) {
  const folders = needs.map((name) => libraryDir(named(name), compiler));
  const inAll = (...parts) => folders.map((folder) => path.join(folder, ...parts)).join(':');
  if (folders.length === 0) return {};
  return {
    C_INCLUDE_PATH: inAll('include'),
    CPLUS_INCLUDE_PATH: inAll('include'),
    LIBRARY_PATH: inAll('lib'),
    CMAKE_PREFIX_PATH: inAll(),
    // Of the system nothing but what only describes protocols: its libraries would come in otherwise.
    PKG_CONFIG_LIBDIR: `${inAll('lib', 'pkgconfig')}:/usr/share/pkgconfig`,
  };
}

/** Makes pkg-config files speak of the folder that they lie in, and of archives by their names. */
function relocate(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const text = fs
      .readFileSync(file, 'utf8')
      .replaceAll(/\S+\/lib(\w+)\.a\b/g, '-l$1')
      // The compiler's own come by themselves, and as it sees fit.
      .replaceAll(/ -l(?:gcc_s|gcc|c)\b/g, '')
      .replaceAll(new RegExp(`(?<=[=\\s"]|-[IL])${NEUTRAL_PREFIX}`, 'g'), '${pcfiledir}/../..');
    fs.writeFileSync(file, text);
  }
}

/**
 * Makes what static linking needs ("private") part of what is always asked for: there are only static libraries
 * here, and Go calls pkg-config without --static.
 */
function flatten(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const fields = new Map();
    const lines = [];
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
      const [, field, value] = /^(Libs|Requires)(?:\.private)?:\s*(.*)$/.exec(line) ?? [];
      if (!field) lines.push(line);
      else if (value) {
        // 64-bit machines have these operations in the instruction set: no need of one more shared library.
        // Folders elsewhere are of what is merged here.
        const words = value
          .split(/\s+/)
          .filter((word) => word !== '-latomic' && !/^-[LI]\//.test(word));
        fields.set(field, [fields.get(field) ?? '', ...words].join(' '));
      }
    }
    const text = lines.join('\n').trimEnd();
    const merged = [...fields].map(([field, value]) => `${field}:${value}`);
    // A new file: the one that was merged here is a link of the library's own.
    fs.rmSync(file);
    fs.writeFileSync(file, `${text}\n${merged.join('\n')}\n`);
  }
}

function merge(from, to) {
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      fs.mkdirSync(target, { recursive: true });
      merge(source, target);
    } else if (entry.name !== 'complete') {
      fs.linkSync(source, target);
    }
  }
}

/** Swaps the project's link in one move, so that nothing ever sees it missing. */
function pointTo(dir) {
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const draft = `${link}.${process.pid}`;
  fs.symlinkSync(dir, draft);
  fs.renameSync(draft, link);
}
