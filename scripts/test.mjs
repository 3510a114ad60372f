#!/usr/bin/env node
// npm test: gets and builds what is missing, then runs every test. npm test -- --help tells more.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { buildTags, goEnv } from './lib/go-env.mjs';
import { run, runLanes, say, textOf } from './lib/lanes.mjs';
import { NEWEST, OLDEST, serverEnv, serverVersion } from './lib/mediasoup-worker.mjs';
import { nodePrograms } from './lib/node-versions.mjs';
import { inProject, platformKey, root } from './lib/project.mjs';
import { sanitizedLibrary } from './lib/sanitized-library.mjs';
import { duration, printFailure } from './lib/steps.mjs';
import { platformNames } from './lib/target.mjs';
import { makeCLibraries, makePackages } from './package.mjs';
import { stagesDir } from './packaging/tarballs.mjs';

const STATICCHECK = 'honnef.co/go/tools/cmd/staticcheck@v0.8.2';
const GOFUMPT = 'mvdan.cc/gofumpt@v0.12.0';

const go = (...args) => run('go', args, goEnv());

function filesIn(folder, pattern) {
  return fs
    .readdirSync(inProject(folder), { recursive: true })
    .filter((name) => pattern.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

function nodeTests(program, folder, { pattern = /\.test\.ts$/, ...options } = {}) {
  const files = filesIn(folder, pattern);
  if (files.length === 0) throw new Error(`${folder}: no test found`);
  return runNodeTests(program, files, options);
}

/**
 * What plays in real time also fails where the machine was held up for long: with two tries, a file that failed runs
 * once more, alone, and has to pass then. It is named at the end.
 */
async function runNodeTests(program, files, { concurrency = 1, tries = 1, env = {} }) {
  const failures = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'npm-test-')), 'failed');
  const [reporter, limit] = ['failed-files', 'test-limit'].map(
    (name) => pathToFileURL(inProject(`scripts/lib/${name}.mjs`)).href,
  );
  const loaded = ['tsx', limit].flatMap((name) => ['--import', name]);
  const flags = ['--expose-gc', ...loaded, '--test', `--test-concurrency=${concurrency}`];
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${failures}`],
  ];
  try {
    await run(program, [...flags, ...reporters, ...files], { ...serverEnv(NEWEST), ...env });
  } catch (error) {
    const failed = readLines(failures).map((file) => path.relative(root, file));
    if (tries === 1 || failed.length === 0) throw error;
    say(`\nfailed, once more: ${failed.join(', ')}\n`);
    await runNodeTests(program, failed, { tries: tries - 1, env });
    secondTries.push(...failed);
  } finally {
    fs.rmSync(path.dirname(failures), { recursive: true });
  }
}

/** As above: the second time go runs only the packages that failed. */
async function goTests() {
  const args = ['test', '-race', '-timeout=20m', './...'];
  try {
    await go(...args);
  } catch {
    say('\nfailed, once more\n');
    await go(...args);
    secondTries.push('a Go package, see above');
  }
}

/** Faults to find: what is named here failed once. */
const secondTries = [];

function readLines(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Go's half of C's memory, and what FFmpeg copies: the libraries themselves are not instrumented. */
async function underAddressSanitizer() {
  const env = { ...goEnv(), CC: 'gcc', ASAN_OPTIONS: 'detect_leaks=0' };
  const live = 'Drops|Stalls|EndsAtOnce|AfterAnOutage|AfterAStall';
  // What is freed is kept for a while, to be found out: nothing tells of memory that is left behind.
  const skip = '-skip=NoMemoryBehind';
  await run('go', ['test', '-asan', skip, './internal/av', './internal/codec/...'], env);
  await run('go', ['test', '-asan', `-run=${live}`, './internal/source'], env);
}

/** The addon, Go beneath it and what calls FFmpeg, as Node.js loads them. */
async function underSanitizers() {
  const options = { concurrency: 2, env: await sanitizedLibrary() };
  await nodeTests(process.execPath, 'test/unit', { ...options, pattern: WAIST_AT_WORK });
  await nodeTests(process.execPath, 'test/leak', { ...options, pattern: /^frames\.test\.ts$/ });
  await nodeTests(process.execPath, 'test/sanitized', options);
  const media = /^(?:data|media|reading|recording)\.test\.ts$/;
  await nodeTests(process.execPath, 'test/e2e', { ...options, pattern: media });
}

/** Several files at a time: most of theirs is waiting for what is played in real time. */
const IN_REAL_TIME = { concurrency: 2, tries: 2 };

/**
 * What depends on Node.js: values, buffers and promises that cross to the core and back, and how objects, threads and
 * processes end. What is on the wire does not: it is the core's, and the server's.
 */
const OF_NODE =
  /^(?:async-context|closing|data|death|dump|ended|lifecycle|media|states|stats|transports)\.test\.ts$/;
const WAIST = /^(?:waist-.*|worker)\.test\.ts$/;
/** Without what looks at the files that users have. */
const WAIST_AT_WORK = /^waist-(?!abi).*\.test\.ts$/;

/** What is of this side alone, whatever the server: it is not repeated on the oldest one. */
const OF_THE_SERVER =
  /^(?!(?:death|dump|encoded-|ended|generator|lifecycle|metrics|quiet|reading|recording|scale|secrets|states)).*\.test\.ts$/;

/** Each file on the newest server with the lowest Node.js line; what depends on one of them on the others of it, too. */
async function endToEnd() {
  const [lowest, ...higher] = nodePrograms().sort((a, b) => a.major - b.major);
  await endToEndOn(NEWEST, lowest);
  for (const node of higher) await endToEndOn(NEWEST, node, OF_NODE);
  await endToEndOn(OLDEST, lowest, OF_THE_SERVER);
  for (const node of [lowest, ...higher]) await waistOn(node);
}

/** All of it on both servers with each Node.js line. */
async function endToEndEverywhere() {
  for (const server of [NEWEST, OLDEST]) {
    for (const node of nodePrograms()) await endToEndOn(server, node);
  }
}

/** The section of the units has run them on this one. */
async function waistOn({ program }) {
  if (program !== process.execPath) await nodeTests(program, 'test/unit', { pattern: WAIST });
}

async function endToEndOn(server, { major, program }, pattern) {
  const started = Date.now();
  say(`\n--- mediasoup ${serverVersion(server)}, Node.js ${major}`);
  // Two thirds of a processor is what two files at a time take.
  const options = { concurrency: 4, tries: 2, pattern, env: serverEnv(server) };
  await nodeTests(program, 'test/e2e', options);
  say(`--- ${duration(Date.now() - started)}`);
}

/** Takes half a core: it can run beside others. */
const soak = () => run(process.execPath, ['scripts/soak.mjs', '--minutes=2', '--bots=3']);

async function lint() {
  const formatted = ['internal', 'goexport', 'bench', 'test'];
  const unformatted = await textOf('go', ['run', GOFUMPT, '-l', ...formatted], goEnv());
  if (unformatted.trim()) {
    throw new Error(`not formatted (go run ${GOFUMPT} -w …):\n${unformatted}`);
  }
  await go('vet', './...');
  for (const GOOS of ['darwin', 'windows']) await vetWithoutC(GOOS);
  await go('run', STATICCHECK, './...');
  // What only the library of tests has.
  const hooks = `-tags=${buildTags},hooks`;
  await go('vet', hooks, './internal/...', './goexport');
  await go(
    'run',
    STATICCHECK,
    hooks,
    './internal/av',
    './internal/hooks/...',
    './internal/service',
  );
  await run(process.execPath, ['scripts/clang-tidy.mjs']);
  await run('clang-format', [
    '--dry-run',
    '--Werror',
    ...filesIn('src', /\.(cc|h)$/),
    ...filesIn('bench/waist', /\.(cc|h)$/),
  ]);
  await run('npm', ['run', '--silent', 'lint']);
  await run(process.execPath, ['scripts/licenses.mjs', '--check']);
}

/** What needs no C compiler is vetted for platforms that are built from source only, too. */
function vetWithoutC(GOOS) {
  const names = ['congestion', 'core', 'fetch', 'media', 'peer', 'scalability', 'wire'];
  const packages = names.map((name) => `./internal/${name}/...`);
  return run('go', ['vet', ...packages], { ...goEnv(), GOOS, CGO_ENABLED: '0' });
}

/** Makes the packages of `platforms` first, so that the progress of that is seen. */
async function packageTests(platforms, pattern) {
  await makePackages({ platforms });
  await nodeTests(process.execPath, 'test/packages', { tries: 2, pattern });
}

const hasPackage = platformNames.includes(platformKey);

const SECTIONS = {
  lint: { about: 'format, lint and types of Go, C, C++ and TypeScript', run: lint },
  vulnerabilities: {
    about: 'those that are known, in what users get',
    run: () => run(process.execPath, ['scripts/vulnerabilities.mjs']),
  },
  go: {
    about: 'Go packages, with the race detector',
    run: goTests,
  },
  asan: {
    about: 'what refers to memory of C: under the address sanitizer',
    run: underAddressSanitizer,
  },
  unit: {
    about: 'TypeScript units and the waist between Go and JavaScript',
    run: () => nodeTests(process.execPath, 'test/unit'),
  },
  types: { about: 'the published types', run: () => run('npm', ['run', '--silent', 'test:types']) },
  smoke: {
    about: 'the built package, as ESM and as CommonJS',
    run: () => nodeTests(process.execPath, 'test/smoke', { tries: 2 }),
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
  e2e: {
    about:
      'end to end on the newest mediasoup server; what depends on it or on Node.js, on the oldest and on every version, too',
    run: endToEnd,
  },
  sources: {
    about: 'every kind of source, end to end',
    run: () => nodeTests(process.execPath, 'test/sources', IN_REAL_TIME),
  },
  network: {
    about: 'congestion, loss and many interfaces, end to end',
    run: () => nodeTests(process.execPath, 'test/network', { tries: 2 }),
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
    async run() {
      if (!hasPackage) {
        say(`skipped: no package is made for ${platformKey} (docs/platforms.md)`);
        return;
      }
      await packageTests([platformKey], /(?<!arm64)\.test\.ts$/);
      say('\n--- every kind of source, with the native code of the package');
      await nodeTests(process.execPath, 'test/sources', {
        ...IN_REAL_TIME,
        env: { NODE_PATH: stagesDir },
      });
    },
  },
};

/**
 * What runs side by side at first, where there are two processors: what mostly waits, and what computes. The rest comes
 * after it, in order: beside what computes, what plays in real time is late, and so is Go's.
 */
const WAITING = ['soak'];
const COMPUTING = ['lint', 'vulnerabilities', 'types'];

/** Lanes that run at once, one group of them after the other. */
function groupsOf(names) {
  const sections = names.map((name) => ({ name, ...ALL[name] }));
  if (os.availableParallelism() < 2) return [[{ sections }]];
  const isOf = (lane) => (section) => lane.includes(section.name);
  const others = sections.filter((section) => ![...WAITING, ...COMPUTING].includes(section.name));
  return [
    [
      { sections: sections.filter(isOf(WAITING)) },
      { sections: sections.filter(isOf(COMPUTING)), patient: true },
    ],
    [{ sections: others }],
  ];
}

/** Behind commands of their own, as npm run test:long, and npm run test:packages, which has both kinds of package. */
const LONG = {
  everywhere: {
    about: 'all of e2e, on both servers with every Node.js version (half an hour)',
    run: endToEndEverywhere,
  },
  long: {
    about: 'sound and picture together over a minute, and 100,000 handles',
    run: () => nodeTests(process.execPath, 'test/long'),
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
  arm64: {
    about: 'the package for arm64, under an emulator (10 minutes more the first time)',
    run: () => packageTests(['linux-arm64'], /arm64\.test\.ts$/),
  },
};

const ALL = { ...SECTIONS, ...LONG };

const HELP = `Usage: npm test [-- --only=SECTION,...]

Gets and builds what is missing, then runs every test but the last ${Object.keys(LONG).length} sections (about 40 minutes on two quiet cores when everything is
built).

Sections:
${Object.entries(ALL)
  .map(([name, { about }]) => `  ${name.padEnd(15)} ${about}`)
  .join('\n')}`;

async function main() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const wanted = values.only ? values.only.split(',') : Object.keys(SECTIONS);
  for (const name of wanted) {
    if (!Object.hasOwn(ALL, name)) {
      throw new TypeError(
        `--only: expected ${Object.keys(ALL).join(', ')}, got ${JSON.stringify(name)}`,
      );
    }
  }
  // First, so that all is built with the libraries of the package: they need not be compiled a second time. What fails here
  // fails again in the section, which counts. Not in CI: that a fresh clone compiles its own is to be seen there.
  if (hasPackage && wanted.includes('packages') && !process.env.CI) {
    await makeCLibraries(platformKey).catch(printFailure);
  }
  await bootstrap({ for: 'test' });

  const started = Date.now();
  const results = [];
  for (const lanes of groupsOf(wanted)) results.push(...(await runLanes(lanes)));
  console.log('');
  for (const { name, ms, failed } of results) {
    console.log(`  ${name.padEnd(15)} ${failed ? 'FAILED' : 'passed'}  ${duration(ms)}`);
  }
  const failed = results.filter((result) => result.failed).map(({ name }) => name);
  const time = duration(Date.now() - started);
  console.log(`\n${results.length - failed.length} passed, ${failed.length} failed, ${time}`);
  if (secondTries.length > 0) console.log(`passed on the second try: ${secondTries.join(', ')}`);
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}; again: npm test -- --only=${failed.join(',')}`);
    process.exitCode = 1;
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
