// The sections of npm test.
import { run, say } from '../lib/lanes.mjs';
import { OLDEST, serverEnv } from '../lib/mediasoup-worker.mjs';
import { nodePrograms } from '../lib/node-versions.mjs';
import { platformKey } from '../lib/project.mjs';
import { sanitizedLibrary } from '../lib/sanitized-library.mjs';
import { platformNames } from '../lib/target.mjs';
import { stagesDir } from '../packaging/tarballs.mjs';
import { everywhere, onEachNode, onTheNewest, onTheOldest } from './end-to-end.mjs';
import * as go from './go.mjs';
import { lint } from './lint.mjs';
import { IN_REAL_TIME, nodeTests } from './node.mjs';

/** Without what looks at the files that users have. */
const WAIST_AT_WORK = /^waist-(?!abi).*\.test\.ts$/;

/** The addon, Go beneath it and what calls FFmpeg, as Node.js loads them. */
async function underSanitizers() {
  const options = { concurrency: 2, env: await sanitizedLibrary() };
  await nodeTests(process.execPath, 'test/unit', { ...options, pattern: WAIST_AT_WORK });
  await nodeTests(process.execPath, 'test/leak', { ...options, pattern: /^frames\.test\.ts$/ });
  await nodeTests(process.execPath, 'test/sanitized', options);
  const media = /^(?:data|media|reading|recording)\.test\.ts$/;
  await nodeTests(process.execPath, 'test/e2e', { ...options, pattern: media });
}

/** Takes half a core: it can run beside others. */
const soak = () => run(process.execPath, ['scripts/soak.mjs', '--minutes=2', '--bots=3']);

export const hasPackage = platformNames.includes(platformKey);

/** Makes packages, so that the progress of that is seen. */
const makePackages = (platform) =>
  run(process.execPath, ['scripts/package.mjs', `--platform=${platform}`]);

const packageTests = (pattern) => nodeTests(process.execPath, 'test/packages', { pattern });

async function ofThePackage() {
  if (!hasPackage) {
    say(`skipped: no package is made for ${platformKey} (docs/platforms.md)`);
    return;
  }
  await packageTests(/(?<!arm64|test-runners|container|lambda|monorepos|next|systemd)\.test\.ts$/);
  say('\n--- every kind of source, with the native code of the package');
  await nodeTests(process.execPath, 'test/sources', {
    ...IN_REAL_TIME,
    env: { NODE_PATH: stagesDir },
  });
}

/** `compute` is what takes the processors and waits for nothing, `run` what plays in real time. */
export const SECTIONS = {
  lint: { about: 'format, lint and types of Go, C, C++ and TypeScript', compute: lint },
  vulnerabilities: {
    about: 'those that are known, in what users get',
    compute: () => run(process.execPath, ['scripts/vulnerabilities.mjs']),
  },
  types: {
    about: 'the published types',
    compute: () => run('npm', ['run', '--silent', 'test:types']),
  },
  go: {
    about: 'Go packages, with the race detector',
    compute: go.compile,
    run: go.test,
  },
  asan: {
    about: 'what refers to memory of C: under the address sanitizer',
    compute: go.computeSanitized,
    run: go.testSanitized,
  },
  unit: {
    about: 'TypeScript units and the waist between Go and JavaScript',
    run: () => nodeTests(process.execPath, 'test/unit'),
  },
  smoke: {
    about: 'the built package, as ESM and as CommonJS',
    run: () => nodeTests(process.execPath, 'test/smoke', IN_REAL_TIME),
  },
  load: {
    about: 'load tests of servers, and of many machines together',
    run: () => nodeTests(process.execPath, 'test/load', IN_REAL_TIME),
  },
  leak: {
    about: 'worker threads, exits and memory',
    run: () => nodeTests(process.execPath, 'test/leak'),
  },
  soak: {
    about: 'two minutes of the random life of bots, after which nothing is left',
    run: soak,
  },
  life: {
    about: 'how threads and processes end, and copies of the package, with media flowing',
    run: () => nodeTests(process.execPath, 'test/life', IN_REAL_TIME),
  },
  panics: {
    about: 'a panic at some of the places where goroutines and callbacks begin, each day others',
    run: () => nodeTests(process.execPath, 'test/panics', IN_REAL_TIME),
  },
  e2e: {
    about: 'end to end on the newest mediasoup server',
    run: onTheNewest,
  },
  oldest: {
    about: 'what of that depends on the server, on the oldest that is promised',
    run: onTheOldest,
  },
  nodes: {
    about:
      'what of that, and of the waist, depends on Node.js, on every version: most on the highest',
    run: onEachNode,
  },
  sources: {
    about: 'every kind of source, end to end',
    run: () => nodeTests(process.execPath, 'test/sources', IN_REAL_TIME),
  },
  network: {
    about: 'congestion, loss and many interfaces, end to end',
    run: () => nodeTests(process.execPath, 'test/network'),
  },
  browser: {
    about: 'end to end with Chromium, both ways',
    async run() {
      await nodeTests(process.execPath, 'test/browser', IN_REAL_TIME);
      // Each server has an SCTP of its own.
      const oldest = { ...IN_REAL_TIME, pattern: /data\.test\.ts$/, env: serverEnv(OLDEST) };
      await nodeTests(process.execPath, 'test/browser', oldest);
    },
  },
  packages: {
    about: 'the published package, made and installed as users do (15 minutes more the first time)',
    compute: hasPackage ? () => makePackages(platformKey) : undefined,
    run: ofThePackage,
  },
};

/** Behind commands of their own, as npm run test:long, and npm run test:packages, which has both kinds of package. */
export const LONG = {
  everywhere: {
    about: 'all of e2e, on both servers with every Node.js version (half an hour)',
    run: everywhere,
  },
  long: {
    about: 'sound and picture together over a minute, and 100,000 handles',
    run: () => nodeTests(process.execPath, 'test/long'),
  },
  places: {
    about: 'the section panics at every place (15 minutes)',
    run: () => nodeTests(process.execPath, 'test/panics', { env: { PANICS: 'all' } }),
  },
  sanitized: {
    about: 'the addon with Go beneath it, under ASan, LSan and UBSan',
    run: underSanitizers,
  },
  lives: {
    about: 'the section life on every Node.js version, with 500 worker threads',
    async run() {
      for (const { program } of nodePrograms()) {
        await nodeTests(program, 'test/life', { env: { LIFE: 'long' } });
      }
    },
  },
  runners: {
    about:
      'Vitest and the runner of Node.js, with Workers that are open and that were closed (2 minutes)',
    compute: () => makePackages(platformKey),
    run: () => packageTests(/test-runners\.test\.ts$/),
  },
  arm64: {
    about: 'the package for arm64, under an emulator (10 minutes more the first time)',
    compute: () => makePackages('linux-arm64'),
    run: () => packageTests(/arm64\.test\.ts$/),
  },
  windows: {
    about: 'the package for Windows, under Wine (10 minutes more the first time)',
    compute: () => makePackages('win32-x64'),
    run: () => nodeTests(process.execPath, 'test/windows'),
  },
  deployed: {
    about:
      'the published package in Next.js, monorepos, a container, systemd and AWS Lambda, as docs/deploying.md has them',
    compute: () => makePackages(platformKey),
    run: () => packageTests(/(?:container|lambda|monorepos|next|systemd)\.test\.ts$/),
  },
  kubernetes: {
    about: 'the image and the Job of docs/load-testing.md, as pods',
    compute: () => makePackages(platformKey),
    run: () => nodeTests(process.execPath, 'test/kubernetes'),
  },
};

export const ALL = { ...SECTIONS, ...LONG };
