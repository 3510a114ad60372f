// What is built for: this machine, or a platform package, which is linked in an older Debian.
import os from 'node:os';
import path from 'node:path';
import { buildFolders, debianRoot, rootKey, runInRoot } from './debian-root.mjs';
import { capture, run } from './process.mjs';
import { inProject, outputDir, platformKey } from './project.mjs';

/** Those that are linked in an older Debian. `cpu` is the processor as compilers and configure scripts name it. */
const LINUX = {
  'linux-x64': { arch: 'x64', goarch: 'amd64', cpu: 'x86_64', triplet: 'x86_64-linux-gnu' },
  'linux-arm64': { arch: 'arm64', goarch: 'arm64', cpu: 'aarch64', triplet: 'aarch64-linux-gnu' },
};

/** Debian's mingw-w64, of the machine that builds: nothing of Debian's gets into what it links. */
const WINDOWS = {
  'win32-x64': { arch: 'x64', goarch: 'amd64', cpu: 'x86_64', triplet: 'x86_64-w64-mingw32' },
};

/** The platforms that packages are made for. */
export const platformNames = [...Object.keys(LINUX), ...Object.keys(WINDOWS)];

const compilerIds = new Map();

/** The compiler takes part in every key: its code is in what was built. */
export function compilerId(compiler = process.env.CC || 'gcc') {
  let id = compilerIds.get(compiler);
  if (!id) {
    // Xcode's clang, which is called gcc as well, has no full version.
    const text =
      capture(compiler, ['-dumpfullversion', '-dumpmachine']) ?? capture(compiler, ['--version']);
    id = `${path.basename(compiler)} ${text?.replaceAll('\n', ' ') ?? 'absent'}`;
    compilerIds.set(compiler, id);
  }
  return id;
}

/** This machine: what `npm test` and `npm run demo` use. */
export const host = {
  name: platformKey,
  arch: process.arch,
  isRelease: false,
  outputDir,
  prefixLink: inProject('deps', 'prefix'),
  compilerId: () => compilerId(),
  // The oldest that Go's own code runs on.
  environment: process.platform === 'darwin' ? { MACOSX_DEPLOYMENT_TARGET: '12.0' } : {},
  run,
};

/** What a step tells of its target. */
export const suffixOf = ({ name, isRelease, isSanitized }) =>
  isRelease ? `, ${name}` : isSanitized ? ', sanitized' : '';

/** Findings end the process. */
const sanitizers =
  '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer';

/**
 * This machine, for tests that run under the address sanitizer and the one of undefined behaviour. The C libraries are
 * those of the host: what calls them is watched, they are not.
 */
export const sanitized = {
  ...host,
  isSanitized: true,
  outputDir: inProject('build', 'sanitized', `mediasoup-client-pion-${platformKey}`),
  // Go's -asan is for gcc's sanitizers.
  environment: { CC: 'gcc', CXX: 'g++', CXXFLAGS: sanitizers, LDFLAGS: sanitizers },
};

/**
 * A package for Windows.
 *
 * @param name - One of `platformNames`.
 */
function windowsTarget(name) {
  const { triplet } = WINDOWS[name];
  // With threads as POSIX has them, which C++ and libsrt ask for.
  const tool = (tool) => `${triplet}-${/^(?:gcc|g\+\+)$/.test(tool) ? `${tool}-posix` : tool}`;
  return {
    ...WINDOWS[name],
    name,
    isRelease: true,
    isCross: true,
    isWindows: true,
    tool,
    outputDir: inProject('build', 'release', name),
    prefixLink: inProject('deps', `release-${name}`),
    compilerId: () => compilerId(tool('gcc')),
    environment: toolsOf(tool),
    run,
  };
}

const toolsOf = (tool) => ({
  CC: tool('gcc'),
  CXX: tool('g++'),
  AR: tool('ar'),
  RANLIB: tool('ranlib'),
  NM: tool('nm'),
  STRIP: tool('strip'),
});

/**
 * A platform package.
 *
 * @param name - One of `platformNames`.
 */
export function platformTarget(name) {
  if (WINDOWS[name]) return windowsTarget(name);
  const platform = LINUX[name];
  if (!platform)
    throw new TypeError(`platform: expected ${platformNames.join(' or ')}, got ${name}`);
  const { arch, triplet } = platform;
  const isCross = arch !== process.arch;
  const tool = (tool) => `${triplet}-${tool}`;
  return {
    ...platform,
    name,
    isRelease: true,
    isCross,
    tool,
    outputDir: inProject('build', 'release', name),
    prefixLink: inProject('deps', `release-${name}`),
    compilerId: () => `${triplet} in ${rootKey}`,
    environment: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: os.homedir(),
      LANG: 'C.UTF-8',
      ...toolsOf(tool),
    },
    run: (command, args, options) => runInRoot(debianRoot, buildFolders(), command, args, options),
  };
}
