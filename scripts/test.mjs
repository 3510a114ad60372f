#!/usr/bin/env node
// npm test: gets and builds what is missing, then runs every test. npm test -- --help tells more.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { goEnv } from './lib/go-env.mjs';
import { NEWEST, OLDEST, serverEnv, serverVersion } from './lib/mediasoup-worker.mjs';
import { nodePrograms } from './lib/node-versions.mjs';
import { inProject, platformKey, root } from './lib/project.mjs';
import { duration, printFailure, StepError } from './lib/steps.mjs';
import { platformNames } from './lib/target.mjs';
import { makeCLibraries, makePackages } from './package.mjs';
import { stagesDir } from './packaging/tarballs.mjs';
import { findVulnerabilities } from './vulnerabilities.mjs';

const STATICCHECK = 'honnef.co/go/tools/cmd/staticcheck@v0.8.2';
const GOFUMPT = 'mvdan.cc/gofumpt@v0.12.0';

/** Runs a command in the project; throws if it fails. */
function run(command, args, env = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${signal ?? `exit status ${status}`}`);
  }
}

const go = (...args) => run('go', args, goEnv());

function filesIn(folder, pattern) {
  return fs
    .readdirSync(inProject(folder), { recursive: true })
    .filter((name) => pattern.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

function nodeTests(
  program,
  folder,
  { concurrency = 1, tries = 1, pattern = /\.test\.ts$/, env = {} } = {},
) {
  const files = filesIn(folder, pattern);
  if (files.length === 0) throw new Error(`${folder}: no test found`);
  runNodeTests(program, files, { concurrency, tries, env });
}

/** As below: the second time go runs only the packages that failed. */
function goTests() {
  const args = ['test', '-race', '-timeout=20m', './...'];
  try {
    go(...args);
  } catch {
    console.error('\nfailed, once more\n');
    go(...args);
    secondTries.push('a Go package, see above');
  }
}

/** Go's half of C's memory, and what FFmpeg copies: the libraries themselves are not instrumented. */
function underAddressSanitizer() {
  const env = { ...goEnv(), CC: 'gcc', ASAN_OPTIONS: 'detect_leaks=0' };
  const live = 'Drops|Stalls|EndsAtOnce|AfterAnOutage|AfterAStall';
  // What is freed is kept for a while, to be found out: nothing tells of memory that is left behind.
  const skip = '-skip=NoMemoryBehind';
  run('go', ['test', '-asan', skip, './internal/av', './internal/codec/...'], env);
  run('go', ['test', '-asan', `-run=${live}`, './internal/source'], env);
}

/**
 * What plays in real time also fails where the machine was held up for long: with two tries, a file that failed runs
 * once more, alone, and has to pass then. It is named in the summary.
 */
function runNodeTests(program, files, { concurrency, tries, env }) {
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
    run(program, [...flags, ...reporters, ...files], { ...serverEnv(NEWEST), ...env });
  } catch (error) {
    const failed = readLines(failures).map((file) => path.relative(root, file));
    if (tries === 1 || failed.length === 0) throw error;
    console.error(`\nfailed, once more: ${failed.join(', ')}\n`);
    runNodeTests(program, failed, { concurrency: 1, tries: tries - 1, env });
    secondTries.push(...failed);
  } finally {
    fs.rmSync(path.dirname(failures), { recursive: true });
  }
}

const secondTries = [];

function readLines(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Several files at a time: most of theirs is waiting for what is played in real time. */
const IN_REAL_TIME = { concurrency: 2, tries: 2 };

/**
 * What depends on Node.js: values, buffers and promises that cross to the core and back, and how objects, threads and
 * processes end. What is on the wire does not: it is the core's, and the server's.
 */
const OF_NODE =
  /^(?:closing|data|death|dump|ended|lifecycle|media|states|stats|transports)\.test\.ts$/;
const WAIST = /^(?:waist-.*|worker)\.test\.ts$/;

/** Both servers in full with the ends of Node.js's range; the lines between, and the other end, with what depends on it. */
function endToEnd() {
  const programs = nodePrograms().sort((a, b) => a.major - b.major);
  const [lowest, highest] = [programs.at(0), programs.at(-1)];
  for (const node of programs) {
    const isEnd = node === lowest || node === highest;
    endToEndOn(NEWEST, node, isEnd ? undefined : OF_NODE);
    // The section of the units has run them on this one.
    const isOwn = node.program === process.execPath;
    if (!isOwn) nodeTests(node.program, 'test/unit', { pattern: WAIST });
  }
  endToEndOn(OLDEST, lowest);
  endToEndOn(OLDEST, highest, OF_NODE);
}

function endToEndOn(server, { major, program }, pattern) {
  const started = Date.now();
  console.log(`\n--- mediasoup ${serverVersion(server)}, Node.js ${major}`);
  // Two thirds of a processor is what two files at a time take.
  const options = { ...IN_REAL_TIME, concurrency: 4, pattern, env: serverEnv(server) };
  nodeTests(program, 'test/e2e', options);
  console.log(`--- ${duration(Date.now() - started)}`);
}

/** Takes half a core: it can run beside others. Longer: npm run soak. */
function soak() {
  const flags = ['--expose-gc', '--import', 'tsx', 'test/soak/run.ts'];
  run(process.execPath, [...flags, '--minutes=2', '--bots=3'], serverEnv(NEWEST));
}

function lint() {
  const unformatted = spawnSync(
    'go',
    ['run', GOFUMPT, '-l', 'internal', 'goexport', 'bench', 'test'],
    {
      cwd: root,
      encoding: 'utf8',
      env: goEnv(),
    },
  );
  if (unformatted.status !== 0) throw new Error(`gofumpt: ${unformatted.stderr}`);
  if (unformatted.stdout.trim()) {
    throw new Error(`not formatted (go run ${GOFUMPT} -w …):\n${unformatted.stdout}`);
  }
  go('vet', './...');
  for (const GOOS of ['darwin', 'windows']) vetWithoutC(GOOS);
  go('run', STATICCHECK, './...');
  run('clang-format', [
    '--dry-run',
    '--Werror',
    ...filesIn('src', /\.(cc|h)$/),
    ...filesIn('bench/waist', /\.(cc|h)$/),
  ]);
  run('npm', ['run', '--silent', 'lint']);
  run(process.execPath, ['scripts/licenses.mjs', '--check']);
}

/** What needs no C compiler is vetted for platforms that are built from source only, too. */
function vetWithoutC(GOOS) {
  const names = ['congestion', 'core', 'fetch', 'media', 'peer', 'scalability', 'wire'];
  const packages = names.map((name) => `./internal/${name}/...`);
  run('go', ['vet', ...packages], { ...goEnv(), GOOS, CGO_ENABLED: '0' });
}

/** Makes the packages of `platforms` first, so that the progress of that is seen. */
async function packageTests(platforms, pattern) {
  await makePackages({ platforms });
  nodeTests(process.execPath, 'test/packages', { tries: 2, pattern });
}

const hasPackage = platformNames.includes(platformKey);

const SECTIONS = {
  lint: { about: 'format, lint and types of Go, C++ and TypeScript', run: lint },
  vulnerabilities: { about: 'those that are known, in what users get', run: findVulnerabilities },
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
  e2e: {
    about:
      'end to end on real mediasoup servers, the newest and the oldest, on every Node.js version',
    run: endToEnd,
  },
  sources: {
    about: 'every kind of source, end to end',
    run: () => nodeTests(process.execPath, 'test/sources', IN_REAL_TIME),
  },
  network: {
    about: 'congestion, loss and many interfaces, end to end',
    run: () => nodeTests(process.execPath, 'test/network', { concurrency: 1, tries: 2 }),
  },
  browser: {
    about: 'end to end with Chromium, both ways',
    run() {
      nodeTests(process.execPath, 'test/browser', IN_REAL_TIME);
      // Each server has an SCTP of its own.
      const oldest = { ...IN_REAL_TIME, pattern: /data\.test\.ts$/, env: serverEnv(OLDEST) };
      nodeTests(process.execPath, 'test/browser', oldest);
    },
  },
  packages: {
    about: 'the published package, made and installed as users do (15 minutes more the first time)',
    async run() {
      if (!hasPackage) {
        console.log(`skipped: no package is made for ${platformKey} (docs/platforms.md)`);
        return;
      }
      await packageTests([platformKey], /(?<!arm64)\.test\.ts$/);
      console.log('\n--- every kind of source, with the native code of the package');
      nodeTests(process.execPath, 'test/sources', {
        ...IN_REAL_TIME,
        env: { NODE_PATH: stagesDir },
      });
    },
  },
};

/** Behind commands of their own: npm run test:long, and npm run test:packages, which has both kinds of package. */
const LONG = {
  long: {
    about: 'sound and picture together over a minute',
    run: () => nodeTests(process.execPath, 'test/long'),
  },
  arm64: {
    about: 'the package for arm64, under an emulator (10 minutes more the first time)',
    run: () => packageTests(['linux-arm64'], /arm64\.test\.ts$/),
  },
};

const ALL = { ...SECTIONS, ...LONG };

const HELP = `Usage: npm test [-- --only=SECTION,...]

Gets and builds what is missing, then runs every test but the last two sections (about 40 minutes on two quiet cores when everything is built).

Sections:
${Object.entries(ALL)
  .map(([name, { about }]) => `  ${name.padEnd(6)} ${about}`)
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

  const failed = [];
  for (const name of wanted) {
    const started = Date.now();
    console.log(`\n=== ${name}: ${ALL[name].about}`);
    try {
      await ALL[name].run();
      console.log(`=== ${name}: passed, ${duration(Date.now() - started)}`);
    } catch (error) {
      failed.push(name);
      if (error instanceof StepError) printFailure(error);
      else console.error(error.message);
      console.error(`=== ${name}: FAILED, ${duration(Date.now() - started)}`);
    }
  }
  console.log(`\n${wanted.length - failed.length} passed, ${failed.length} failed`);
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
