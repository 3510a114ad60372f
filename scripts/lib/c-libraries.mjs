// Builds the static C libraries: position-independent, LGPL or freer, no shared objects.
import fs from 'node:fs';
import path from 'node:path';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { buildCommands, commandsKey, NEUTRAL_PREFIX } from './c-library-commands.mjs';
import { librariesOf } from './c-library-list.mjs';
import { fetchSource } from './download.mjs';
import { run } from './process.mjs';
import { keyOf, logDir } from './project.mjs';
import { host, platformNames, platformTarget } from './target.mjs';

// Raised when the way of building, or of merging, changes although no version or flag does.
const RECIPE = 1;
const RECIPE_WITH_NEEDS = 2;
const RELEASE_RECIPE = 2;
const MERGE_RECIPE = 5;

const isLinux = process.platform === 'linux';
const isDarwin = process.platform === 'darwin';

const named = (name, target) => librariesOf(target).find((library) => library.name === name);

function libraryKey(library, target) {
  const {
    version,
    sha256,
    configure,
    make,
    needs = [],
    prepare = [],
    environment,
    notices,
  } = library;
  const needed = needs.map((name) => libraryKey(named(name, target), target));
  const flags = process.env.CFLAGS ?? '';
  if (target.isRelease) {
    const { isCold, smaller } = library;
    return keyOf([
      RELEASE_RECIPE,
      commandsKey(target),
      [
        version,
        sha256,
        configure,
        make,
        prepare,
        environment,
        isCold,
        smaller,
        ...(notices ? [notices] : []),
      ],
      [target.name, target.compilerId(), flags, process.env.CXXFLAGS ?? ''],
      needed,
    ]);
  }
  const parts = [RECIPE, version, sha256, configure, make, target.compilerId(), flags, target.name];
  if (needs.length + prepare.length > 0 || environment) {
    parts.push(RECIPE_WITH_NEEDS, prepare, environment, ...needed);
  }
  if (notices) parts.push(notices);
  return keyOf(parts);
}

function libraryDir(library, target) {
  return artefactDir(`${library.name}-${library.version}`, libraryKey(library, target));
}

/**
 * Whose libraries a target is linked with: this machine takes those of its platform package where they are there and its
 * own are not, so that `npm test` compiles them once. An older Debian's objects link with any newer glibc.
 */
function builderOf(target) {
  if (target.isRelease || !isLinux || !platformNames.includes(target.name)) return target;
  const release = platformTarget(target.name);
  const isOnlyThere = !isComplete(prefixDir(target)) && isComplete(prefixDir(release));
  return isOnlyThere ? release : target;
}

function prefixDir(target) {
  const keys = librariesOf(target).map((library) => libraryKey(library, target));
  return artefactDir('prefix', keyOf([MERGE_RECIPE, ...keys]));
}

/** The merged prefix by its real path, which names its key; undefined before it is built. */
export function depsPrefix(target = host) {
  try {
    return fs.realpathSync(target.prefixLink);
  } catch {
    return undefined;
  }
}

/** Changes whenever any of the libraries does. */
export const depsKey = (target) => path.basename(depsPrefix(target) ?? 'none');

export function cLibrariesStep(target = host) {
  const libraries = librariesOf(target);
  return {
    name: `C libraries (FFmpeg and what it needs, codecs)${target.isRelease ? `, ${target.name}` : ''}`,
    expectedSeconds: libraries.reduce((sum, { seconds }) => sum + seconds, 0),
    current() {
      const dir = prefixDir(builderOf(target));
      return isComplete(dir) && depsPrefix(target) === fs.realpathSync(dir);
    },
    async run(progress) {
      const builder = builderOf(target);
      const total = libraries.reduce((sum, { seconds }) => sum + seconds, 0);
      let before = 0;
      const prefix = prefixDir(builder);
      for (const library of isComplete(prefix) ? [] : libraries) {
        const dir = libraryDir(library, builder);
        if (!isComplete(dir)) {
          const started = Date.now();
          await buildArtefact(dir, (temporary) =>
            buildLibrary(library, builder, temporary, (text, share) =>
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

      if (!isComplete(prefix)) {
        await buildArtefact(prefix, (temporary) => {
          for (const library of libraries) {
            merge(libraryDir(library, builder), temporary);
          }
          flatten(path.join(temporary, 'lib', 'pkgconfig'));
          // mediadevices asks for <openh264/codec_api.h>; upstream installs it into wels/.
          fs.symlinkSync('wels', path.join(temporary, 'include', 'openh264'));
        });
      }
      pointTo(target.prefixLink, prefix);
    },
  };
}

async function buildLibrary(library, target, folder, report) {
  report('download', 0);
  const tarball = await fetchSource(library);

  const log = path.join(logDir, `${target.isRelease ? `${target.name}-` : ''}${library.name}.log`);
  fs.rmSync(log, { force: true });
  const source = path.join(folder, 'source');
  fs.mkdirSync(source);
  report('unpack', 0);
  await run('tar', ['-xf', tarball, '-C', source, '--strip-components=1'], {
    log,
  });

  const stage = path.join(folder, 'stage');
  let compiled = 0;
  const onLine = (line) => {
    // "CC x.o" and "[CC] x.c" of quiet makefiles, whole compiler lines of others, "[12/34] …" of ninja.
    if (/^\s*\[?(?:CC|CXX|AS|X86ASM|NASM)\b|\s-c\s|^nasm\s|^\[\d+\/\d+\] /.test(line)) {
      compiled++;
      report('compile', compiled / library.objects);
    }
  };
  const { steps, environment } = buildCommands(library, target, { stage, folder });
  const paths = neededPaths(library, target);
  const env = { ...process.env, ...target.environment, ...paths, ...environment };
  for (const [text, [command, ...args]] of steps) {
    report(text, text === 'install' ? 1 : 0);
    await target.run(command, args, { cwd: source, log, onLine, env });
  }

  const installed = path.join(stage, NEUTRAL_PREFIX);
  for (const part of ['include', 'lib']) {
    fs.renameSync(path.join(installed, part), path.join(folder, part));
  }
  fs.mkdirSync(path.join(folder, 'licenses'));
  const texts = fs
    .readdirSync(source)
    .filter((name) => /^(COPYING|Copyright|LICENSE|PATENTS|AUTHORS)/.test(name));
  for (const file of [...texts, ...(library.notices ?? [])]) {
    const [name, ...folders] = file.split('/').reverse();
    const origin = folders.length > 0 ? `-${folders[0]}` : '';
    fs.copyFileSync(
      path.join(source, file),
      path.join(folder, 'licenses', `${library.name}-${name}${origin}`),
    );
  }
  fs.rmSync(stage, { recursive: true });
  fs.rmSync(source, { recursive: true });
  relocate(path.join(folder, 'lib', 'pkgconfig'));
}

/** Where a compiler and pkg-config find what a library needs, without a path that gets into what is built. */
function neededPaths({ needs = [] }, target) {
  const folders = needs.map((name) => libraryDir(named(name, target), target));
  const inAll = (...parts) => folders.map((folder) => path.join(folder, ...parts)).join(':');
  if (folders.length === 0) return {};
  return {
    C_INCLUDE_PATH: inAll('include'),
    CPLUS_INCLUDE_PATH: inAll('include'),
    LIBRARY_PATH: inAll('lib'),
    // Compilers for other processors don't read that.
    ...(target.isCross && {
      LDFLAGS: folders.map((folder) => `-L${path.join(folder, 'lib')}`).join(' '),
    }),
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
      .replaceAll(/ -l(?:gcc_s|gcc|c)(?![\w+])/g, '')
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
    const merged = [...fields].map(([field, value]) => `${field}:${linkedIn(value)}`);
    // A new file: the one that was merged here is a link of the library's own.
    fs.rmSync(file);
    fs.writeFileSync(file, `${text}\n${merged.join('\n')}\n`);
  }
}

/** The system's libstdc++ may be older than what was compiled against; macOS has libc++ in its place. */
function linkedIn(words) {
  if (isLinux) return words.replace(/-lstdc\+\+/g, '-l:libstdc++.a');
  return isDarwin ? words.replace(/-lstdc\+\+/g, '-lc++') : words;
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
function pointTo(link, dir) {
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const draft = `${link}.${process.pid}`;
  fs.symlinkSync(dir, draft);
  fs.renameSync(draft, link);
}
