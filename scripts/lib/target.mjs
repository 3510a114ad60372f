// What is built for: this machine, or a platform package, which is linked in an older Debian.
import os from 'node:os';
import path from 'node:path';
import { buildFolders, debianRoot, rootKey, runInRoot } from './debian-root.mjs';
import { capture, run } from './process.mjs';
import { inProject, outputDir, platformKey } from './project.mjs';

/** The platforms that packages are made for. `cpu` is the processor as compilers and configure scripts name it. */
const PLATFORMS = {
  'linux-x64': { arch: 'x64', goarch: 'amd64', cpu: 'x86_64', triplet: 'x86_64-linux-gnu' },
  'linux-arm64': { arch: 'arm64', goarch: 'arm64', cpu: 'aarch64', triplet: 'aarch64-linux-gnu' },
};

export const platformNames = Object.keys(PLATFORMS);

const compilerIds = new Map();

/** The compiler takes part in every key: its code is in what was built. */
export function compilerId(compiler = process.env.CC || 'gcc') {
  let id = compilerIds.get(compiler);
  if (!id) {
    const text = capture(compiler, ['-dumpfullversion', '-dumpmachine']);
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
  environment: {},
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
 * A platform package.
 *
 * @param name - One of `platformNames`.
 */
export function platformTarget(name) {
  const platform = PLATFORMS[name];
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
      CC: tool('gcc'),
      CXX: tool('g++'),
      AR: tool('ar'),
      RANLIB: tool('ranlib'),
      NM: tool('nm'),
      STRIP: tool('strip'),
    },
    run: (command, args, options) => runInRoot(debianRoot, buildFolders(), command, args, options),
  };
}
