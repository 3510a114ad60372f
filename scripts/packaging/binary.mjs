// What a shared object asks of the system that it is loaded into, and what it shows to others.
import { execFileSync } from 'node:child_process';

/** glibc's own, which every system has. */
const OF_GLIBC = /^(?:lib(?:c|m|pthread|dl|rt|resolv)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+)$/;

const MACHINES = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' };

function readelf(...args) {
  return execFileSync('readelf', ['--wide', ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
}

const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

/** Reads `file` by readelf. */
export function inspect(file) {
  const dynamic = readelf('--dynamic', file);
  const segments = readelf('--program-headers', file);
  const sections = readelf('--section-headers', file);
  const symbols = readelf('--dyn-syms', file);
  return {
    machine: /Machine:\s+(.*)/.exec(readelf('--file-header', file))?.[1],
    needed: all(dynamic, /\(NEEDED\).*\[(.*)\]/g),
    exported: all(symbols, /(?:GLOBAL|WEAK|UNIQUE)\s+\w+\s+(?!UND)\S+ ([^\s@]+)/g),
    glibc: all(readelf('--version-info', file), /Name: GLIBC_([\d.]+)/g)
      .sort(byVersion)
      .at(-1),
    bindsNow: /\(FLAGS(?:_1)?\).*\bNOW\b|\(BIND_NOW\)/.test(dynamic),
    isRelro: /GNU_RELRO/.test(segments),
    hasExecutableStack: !/GNU_STACK.* RW /.test(segments),
    hasTextRelocations: /\(TEXTREL\)/.test(dynamic),
    searchPath: all(dynamic, /\((?:RPATH|RUNPATH)\).*\[(.*)\]/g),
    isStripped: !/\.symtab|\.debug_info/.test(sections),
    hasBuildId: /\.note\.gnu\.build-id/.test(sections),
    hasDebugLink: /\.gnu_debuglink/.test(sections),
  };
}

function byVersion(a, b) {
  const [major, minor = 0] = a.split('.').map(Number);
  const [otherMajor, otherMinor = 0] = b.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

/**
 * What is wrong with a shared object that is to be shipped, one sentence each.
 *
 * @param arch - As Node names it.
 * @param exported - The symbols that it shows.
 * @param glibc - The oldest that it has to run with.
 */
export function faultsOf(file, { arch, exported, glibc }) {
  const found = inspect(file);
  const foreign = found.needed.filter((name) => !OF_GLIBC.test(name));
  const faults = [
    [found.machine !== MACHINES[arch], `is for ${found.machine}, not for ${arch}`],
    [foreign.length > 0, `needs ${foreign.join(', ')}`],
    [
      [...found.exported].sort().join() !== [...exported].sort().join(),
      `shows ${found.exported.join(', ') || 'nothing'} instead of ${exported.join(', ')}`,
    ],
    [found.glibc && byVersion(found.glibc, glibc) > 0, `needs glibc ${found.glibc}, not ${glibc}`],
    [!found.bindsNow, 'binds symbols late (no BIND_NOW)'],
    [!found.isRelro, 'leaves its tables writable (no RELRO)'],
    [found.hasExecutableStack, 'asks for an executable stack'],
    [found.hasTextRelocations, 'relocates its code'],
    [found.searchPath.length > 0, `looks for libraries in ${found.searchPath.join(', ')}`],
    [!found.isStripped, 'has symbols that only debuggers read'],
    [!found.hasBuildId, 'has no build id'],
    [!found.hasDebugLink, 'does not name the file with its symbols'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, fault]) => fault);
}
