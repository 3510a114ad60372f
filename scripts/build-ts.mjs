// Builds dist/ from lib/ and handler/: one CommonJS bundle, what CommonJS and ES modules enter it by (so that both are
// the same instance), the commands, and declarations for all.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
// Made aside and moved when whole, so that a failed build leaves the last one.
const staging = join(root, 'build', `dist-${process.pid}`);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const options = {
  absWorkingDir: root,
  entryPoints: ['lib/index.ts'],
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  define: { PACKAGE_VERSION: JSON.stringify(version), 'import.meta.url': 'importMetaUrl' },
  minifySyntax: true,
  logLevel: 'warning',
};

async function bundle() {
  await build({
    ...options,
    external: ['./nativePackages.cjs'],
    format: 'cjs',
    outfile: join(staging, 'library.cjs'),
    banner: {
      // Bundlers that make an ES module of it leave it without.
      js: "const importMetaUrl = typeof __filename === 'string' ? require('node:url').pathToFileURL(__filename).href : undefined;",
    },
  });
}

/** What has to stay as it is written. */
function asWritten() {
  cpSync(join(root, 'lib/nativePackages.cjs'), join(staging, 'nativePackages.cjs'));
}

async function entries() {
  // Node.js reads what an ES module imports of CommonJS through, for the names that it exports: here it finds little to
  // read, which saves a quarter of the time that an import takes.
  writeFileSync(
    join(staging, 'index.cjs'),
    "'use strict';\nconst library = require('./library.cjs');\nmodule.exports = library;\n",
  );
  const { metafile } = await build({
    ...options,
    format: 'esm',
    outfile: join(staging, 'index.mjs'),
    write: false,
    metafile: true,
  });
  const names = Object.values(metafile.outputs)[0].exports.sort();
  const lines = [
    "import all from './index.cjs';",
    '',
    ...names.map((name) => `export const ${name} = all.${name};`),
    '',
  ];
  writeFileSync(join(staging, 'index.mjs'), lines.join('\n'));
}

/** The commands are a program of their own: the library does not carry them. */
async function commands() {
  await build({
    ...options,
    entryPoints: ['lib/cli/main.ts'],
    format: 'esm',
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    outfile: join(staging, 'cli.mjs'),
    banner: { js: '#!/usr/bin/env node' },
  });
}

/** The load test and its threads. What others wrote and is in it has its license there. */
async function loadTest() {
  const { metafile } = await build({
    ...options,
    packages: undefined,
    external: ['mediasoup-client', 'mediasoup-client-pion'],
    entryPoints: { load: 'lib/cli/load/command.ts', 'load-thread': 'lib/cli/load/thread.ts' },
    format: 'esm',
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    outdir: staging,
    outExtension: { '.js': '.mjs' },
    minify: true,
    metafile: true,
  });
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    const packages = new Set(
      Object.keys(inputs).flatMap((name) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name) ?? []),
    );
    for (const folder of [...packages].sort()) appendLicense(join(root, file), join(root, folder));
  }
}

function appendLicense(file, folder) {
  const { name, version: of } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const license = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
  appendFileSync(file, `/*! ${name} ${of}\n\n${license}\n*/\n`);
}

function declarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const out = join(staging, 'esm');
  const run = spawnSync(
    process.execPath,
    [tsc, '--project', 'tsconfig.build.json', '--outDir', out],
    { cwd: root, stdio: 'inherit' },
  );
  if (run.status !== 0) throw new Error('declarations were not built: tsc failed');
  removeUnreached(out, join(out, 'lib', 'index.d.ts'));
  cpSync(out, join(staging, 'cjs'), { recursive: true });
  for (const [folder, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ]) {
    writeFileSync(join(staging, folder, 'package.json'), `${JSON.stringify({ type })}\n`);
  }
}

/** Leaves only the declarations that `entry` leads to: those of the internals tell a user nothing. */
function removeUnreached(folder, entry) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+)\.js'/g)) {
      visit(join(dirname(file), `${specifier}.d.ts`));
    }
  };
  visit(entry);
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = join(folder, name);
    if (/\.d\.c?ts$/.test(name) && !reached.has(file)) rmSync(file);
  }
}

mkdirSync(staging, { recursive: true });
try {
  await bundle();
  asWritten();
  await entries();
  await commands();
  await loadTest();
  declarations();
  rmSync(dist, { recursive: true, force: true });
  renameSync(staging, dist);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
