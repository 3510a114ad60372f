// The Node-API addon, as binding.gyp describes it, put beside the Go library that it loads.
import fs from 'node:fs';
import path from 'node:path';
import { buildAddonForWindows } from './addon-windows.mjs';
import { listFiles, listSources, Stamp } from './fingerprint.mjs';
import { acquireLock } from './lock.mjs';
import { run } from './process.mjs';
import { inProject, logDir, root } from './project.mjs';
import { StepError } from './steps.mjs';
import { separateSymbols } from './symbols.mjs';
import { host, suffixOf } from './target.mjs';

const RECIPE = 4;

export const addonFile = ({ outputDir } = host) => path.join(outputDir, 'mscp.node');

const nodeGyp = inProject('node_modules', 'node-gyp', 'bin', 'node-gyp.js');

/** The packages whose files are compiled, or say how. */
const PACKAGES = ['node-addon-api', 'node-api-headers', 'node-gyp'];

function versionOf(name) {
  try {
    const manifest = inProject('node_modules', name, 'package.json');
    return JSON.parse(fs.readFileSync(manifest, 'utf8')).version;
  } catch {
    return undefined;
  }
}

const builtFrom = () => [
  RECIPE,
  listSources(['src'], /\.(?:cc|h)$/),
  listSources(['goexport'], /\.h$/),
  listSources(['scripts/node-api'], /\.gypi$/),
  listFiles(['binding.gyp', 'src/exports.map']),
  PACKAGES.map(versionOf),
];

export function addonStep(target = host) {
  const stamp = new Stamp('addon', target.outputDir);
  const file = addonFile(target);
  return {
    name: `Node addon${suffixOf(target)}`,
    expectedSeconds: 15,
    cure: 'mend the C++ error above',
    current: () => fs.existsSync(file) && stamp.matches(builtFrom()),
    async run() {
      if (!['linux', 'darwin'].includes(process.platform)) {
        throw new StepError(`building on ${process.platform} is not supported yet`, {
          cure: 'build on Linux or macOS; on Windows, in WSL 2 (docs/platforms.md)',
        });
      }
      const from = builtFrom();
      const log = path.join(logDir, 'addon.log');
      fs.rmSync(log, { force: true });
      stamp.clear();

      const scratch = path.join(target.outputDir, '.addon');
      fs.rmSync(scratch, { recursive: true, force: true });
      const built = path.join(scratch, 'Release');
      const made = [path.basename(file)];
      if (target.isWindows) await buildAddonForWindows(target, built, made[0], log);
      else await build(target, scratch, log);
      if (target.isRelease && !target.isWindows) {
        await separateSymbols(target, path.join(built, made[0]), log);
        made.push(`${made[0]}.debug`);
      }
      // Moved into place at the end: an addon that is loaded somewhere must not change under its user.
      for (const name of made) {
        fs.renameSync(path.join(built, name), path.join(target.outputDir, name));
      }
      fs.rmSync(scratch, { recursive: true });
      stamp.write(from);
    },
  };
}

/**
 * Has node-gyp write build/Makefile, and make build it in `folder`, where the target's compilers are. scripts/node-api
 * stands for a Node.js: Node-API is the same in all of them, and node-gyp would download one otherwise.
 */
async function build(target, folder, log) {
  // Targets that are built at once share the Makefile.
  const lock = await acquireLock(inProject('build', '.addon-lock'), { quiet: true });
  try {
    const nodedir = `--nodedir=${inProject('scripts', 'node-api')}`;
    const configure = ['configure', nodedir, `--arch=${target.arch}`, '--loglevel=warn'];
    await run(process.execPath, [nodeGyp, ...configure], {
      cwd: root,
      log,
      env: without(target.isRelease ? [NPM_SETTINGS, COMPILERS] : [NPM_SETTINGS]),
    });
    const env = { ...process.env, ...target.environment };
    const words = ['V=1', 'BUILDTYPE=Release', `builddir_name=${folder}`];
    await target.run('make', ['-C', 'build', ...words], { cwd: root, log, env });
  } finally {
    lock.release();
  }
}

// npm gives its settings to what it runs, and node-gyp prefers them to its own options: another nodedir, for example.
const NPM_SETTINGS = /^npm_(?:package_)?config_/i;
// node-gyp writes the compilers that it is told of into the Makefile: those of this machine, not of the target.
const COMPILERS =
  /^(?:CC|CXX|AR|NM|LD|LINK|READELF)(?:_target|_host)?$|^(?:C|CPP|CXX|LD)FLAGS(?:_host)?$/;

/** The environment of this process but for what has a name like these. */
function without(patterns) {
  const isKept = ([name]) => !patterns.some((pattern) => pattern.test(name));
  return Object.fromEntries(Object.entries(process.env).filter(isKept));
}
