// How a C library is configured, compiled and installed: each build system in its own words.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// Configured prefix. What is installed is relocatable, so this path need not exist anywhere.
export const NEUTRAL_PREFIX = '/mediasoup-client-pion';

// Platform packages are linked for size; what a clone builds for itself is compiled as each library would have it.

// A section for each function and table, so that the linker leaves out what nobody calls (--gc-sections).
const SECTIONS = '-ffunction-sections -fdata-sections';

// C needs no unwind tables: nothing throws through it, and a sixteenth of the code's size they are.
const FLAGS = {
  c: `${SECTIONS} -fno-asynchronous-unwind-tables -fno-unwind-tables`,
  cxx: SECTIONS,
};

// There, longjmp unwinds, and compiled code would take a stack that is aligned to 16 bytes for one of 32 (gcc's bug 54412).
// Sections of data would hold the zeros of tables that are filled later, 20 MB of them; the linker leaves nothing out.
const WINDOWS_FLAG = '-Wa,-muse-unaligned-vector-move';
const WINDOWS_FLAGS = { c: WINDOWS_FLAG, cxx: WINDOWS_FLAG };

const flagsOf = ({ isWindows }) => (isWindows ? WINDOWS_FLAGS : FLAGS);

/** What of this takes part in the key of a library for a platform package. */
export const commandsKey = (target) => [1, flagsOf(target)];

const optimisation = ({ isCold }) => (isCold ? '-Os' : '-O2');

/** What a library is built with, besides its own words: `{ configure, make, environment }`. */
function settings(library, target, folder) {
  if (!target.isRelease) return { configure: [], make: [], environment: {} };
  const { name, system, smaller } = library;
  const compilerFlags = flagsOf(target);
  if (name === 'ffmpeg' || name === 'libvpx') {
    const flags = [`--extra-cflags=${compilerFlags.c}`, ...(smaller?.configure ?? [])];
    return merged({ configure: flags }, crossSettings(library, target, folder));
  }
  // CMake and meson have their own optimisation, which their build type names.
  const level = system === 'cmake' || system === 'meson' ? '' : optimisation(library);
  const own = library.environment?.CFLAGS ?? '';
  const environment = {
    CFLAGS: words(level, process.env.CFLAGS, own, compilerFlags.c),
    CXXFLAGS: words(level, process.env.CXXFLAGS, own, compilerFlags.cxx),
  };
  const { configure, make } = smaller ?? {};
  return merged({ configure, make, environment }, crossSettings(library, target, folder));
}

const words = (...parts) => parts.filter(Boolean).join(' ');

function merged(a, b) {
  return {
    configure: [...(a.configure ?? []), ...(b.configure ?? [])],
    make: [...(a.make ?? []), ...(b.make ?? [])],
    environment: { ...a.environment, ...b.environment },
  };
}

/** The same for another processor than the compiler's own. */
function crossSettings(library, { isCross, isWindows, triplet, cpu, tool }, folder) {
  if (!isCross) return {};
  switch (library.name) {
    case 'ffmpeg':
      return {
        configure: [
          '--enable-cross-compile',
          `--cross-prefix=${triplet}-`,
          `--arch=${cpu}`,
          `--target-os=${isWindows ? 'mingw32' : 'linux'}`,
          ...(isWindows ? [`--cc=${tool('gcc')}`, `--cxx=${tool('g++')}`] : []),
          '--pkg-config=pkg-config',
        ],
      };
    case 'libvpx':
      return {
        configure: [
          `--target=${cpu === 'aarch64' ? 'arm64' : cpu}-${isWindows ? 'win64' : 'linux'}-gcc`,
        ],
        environment: { CROSS: `${triplet}-` },
      };
    case 'zlib':
      return { environment: { CHOST: triplet } };
    case 'openh264':
      return {
        make: [`ARCH=${cpu}`, `CC=${tool('gcc')}`, `CXX=${tool('g++')}`, `AR=${tool('ar')}`],
      };
    default:
  }
  switch (library.system) {
    case 'meson':
      return { configure: [`--cross-file=${mesonFile({ isWindows, cpu, tool }, folder)}`] };
    case 'cmake':
      return {
        configure: [
          `-DCMAKE_SYSTEM_NAME=${isWindows ? 'Windows' : 'Linux'}`,
          `-DCMAKE_SYSTEM_PROCESSOR=${cpu}`,
          ...(isWindows ? [`-DCMAKE_RC_COMPILER=${tool('windres')}`] : []),
        ],
      };
    default:
      return { configure: [`--host=${triplet}`] };
  }
}

function mesonFile({ isWindows, cpu, tool }, folder) {
  const file = path.join(folder, 'cross.ini');
  const binaries = { c: 'gcc', cpp: 'g++', ar: 'ar', strip: 'strip' };
  const lines = [
    '[binaries]',
    ...Object.entries(binaries).map(([name, program]) => `${name} = '${tool(program)}'`),
    "pkgconfig = 'pkg-config'",
    '[host_machine]',
    `system = '${isWindows ? 'windows' : 'linux'}'`,
    `cpu_family = '${cpu}'`,
    `cpu = '${cpu}'`,
    "endian = 'little'",
  ];
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** The words that only an x86 processor's build understands. */
const isForOthers = (arch) => (word) => arch === 'x64' || word !== '--as=nasm';

/**
 * What builds and installs a library, run in its source folder.
 *
 * @returns `steps`, of what is being done and the command; and `environment`, for all of them.
 */
export function buildCommands(library, target, { stage, folder }) {
  const own = settings(library, target, folder);
  const environment = { ...library.environment, ...own.environment };
  const configure = library.configure && [
    ...library.configure.filter(isForOthers(target.arch)),
    ...own.configure,
  ];
  const make = [...(library.make ?? []), ...own.make];
  const isCold = target.isRelease && library.isCold;
  const [setup, ...rest] = stepsOf({ ...library, configure, make, isCold }, stage);
  const steps = [
    ...(library.prepare ?? []).map((command) => ['configure', command]),
    setup,
    ...(target.isRelease ? (library.smaller?.configured ?? []) : []).map((command) => [
      'configure',
      command,
    ]),
    ...rest,
  ];
  return { steps, environment };
}

function stepsOf({ system, configure, make, isCold, install = 'install' }, stage) {
  const jobs = `-j${os.availableParallelism()}`;
  const ninja = [
    ['compile', ['ninja', '-C', 'build', jobs]],
    ['install', ['env', `DESTDIR=${stage}`, 'ninja', '-C', 'build', 'install']],
  ];
  switch (system) {
    case 'meson': {
      const options = ['--buildtype=release', '--libdir=lib', '-Ddefault_library=static'];
      const setup = ['meson', 'setup', 'build', `--prefix=${NEUTRAL_PREFIX}`, ...options];
      return [['configure', [...setup, ...configure]], ...ninja];
    }
    case 'cmake': {
      const options = [
        `-DCMAKE_INSTALL_PREFIX=${NEUTRAL_PREFIX}`,
        '-DCMAKE_INSTALL_LIBDIR=lib',
        `-DCMAKE_BUILD_TYPE=${isCold ? 'MinSizeRel' : 'Release'}`,
        '-DCMAKE_POSITION_INDEPENDENT_CODE=ON',
      ];
      const setup = ['cmake', '-S', '.', '-B', 'build', '-G', 'Ninja', ...options];
      return [['configure', [...setup, ...configure]], ...ninja];
    }
    default: {
      const setup = configure ? ['./configure', `--prefix=${NEUTRAL_PREFIX}`, ...configure] : null;
      const variables = configure ? [] : [`PREFIX=${NEUTRAL_PREFIX}`];
      const assignments = make.filter((word) => word.includes('='));
      return [
        ...(setup ? [['configure', setup]] : []),
        ['compile', ['make', jobs, ...variables, ...make]],
        [
          'install',
          ['make', `DESTDIR=${stage}`, ...variables, ...assignments, ...[install].flat()],
        ],
      ];
    }
  }
}
