// Bundles an app of the working directory, for a test: node bundle.mjs NAME FOLDER prints what the program is called.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { requireBundler } from '../../../scripts/lib/bundlers.mjs';

const [, , name, folder] = process.argv;
// CommonJS has no await outside of functions.
const entry = path.resolve(name.endsWith('CommonJS') ? 'load.cjs' : 'load.mjs');
const out = path.resolve(folder);

/** What it takes to have `require` in an ES module: debug, which mediasoup-client needs, asks for it. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What Turbopack says instead of where a file lies. */
const MADE_UP = { __filename: '"/ROOT/node_modules/mediasoup-client-pion/dist/library.cjs"' };

async function esbuild(format, file, { banner = '', define = {} } = {}) {
  await requireBundler('esbuild').build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format,
    banner: { js: banner },
    define,
    outfile: path.join(out, file),
  });
  return file;
}

async function rollup() {
  const plugin = (name) => requireBundler(`@rollup/plugin-${name}`);
  const bundle = await requireBundler('rollup').rollup({
    input: entry,
    plugins: [
      plugin('node-resolve').nodeResolve({ preferBuiltins: true }),
      plugin('commonjs').default(),
      plugin('json').default(),
    ],
    onwarn: () => {},
  });
  await bundle.write({ file: path.join(out, 'app.mjs'), format: 'es' });
  return 'app.mjs';
}

/** webpack, and Rspack, which has its interface. */
function webpack(compile) {
  const options = {
    mode: 'production',
    target: 'node',
    context: process.cwd(),
    entry,
    output: { path: out, filename: 'app.cjs' },
  };
  return new Promise((resolve, reject) => {
    compile(options, (error, stats) => {
      if (error) reject(error);
      else if (stats.hasErrors()) reject(new Error(stats.toString()));
      else resolve('app.cjs');
    });
  });
}

async function ncc() {
  const { code } = await requireBundler('@vercel/ncc')(entry, { quiet: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, 'app.mjs'), code);
  return 'app.mjs';
}

async function vite() {
  // The one of its two that is an ES module, as Vite is.
  const { build } = await import(requireBundler.resolve('vite'));
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: entry, outDir: out, rollupOptions: { output: { entryFileNames: 'app.mjs' } } },
    ssr: { noExternal: true },
  });
  return 'app.mjs';
}

const BUNDLERS = {
  'esbuild, to CommonJS': () => esbuild('cjs', 'app.cjs'),
  'esbuild, to an ES module': () => esbuild('esm', 'app.mjs', { banner: REQUIRE }),
  'esbuild, with a file name that is made up, to CommonJS': () =>
    esbuild('cjs', 'app.cjs', { define: MADE_UP }),
  Rollup: rollup,
  webpack: () => webpack(requireBundler('webpack')),
  Rspack: () => webpack(requireBundler('@rspack/core').rspack),
  ncc,
  Vite: vite,
};

console.log(await BUNDLERS[name]());
