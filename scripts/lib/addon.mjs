// The Node-API addon, put beside the Go library that it loads.
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, listSources, Stamp } from './fingerprint.mjs';
import { inProject, logDir, root } from './project.mjs';
import { StepError } from './steps.mjs';
import { separateSymbols } from './symbols.mjs';
import { host } from './target.mjs';

const RECIPE = 2;

export const addonFile = ({ outputDir } = host) => path.join(outputDir, 'mscp.node');

// Node-API alone: what is compiled against it runs on every Node that has this version of it.
const NAPI_VERSION = 9;

const INCLUDES = [
  'node_modules/node-api-headers/include',
  'node_modules/node-addon-api',
  'goexport',
];

const COMPILER_FLAGS = [
  '-std=c++17',
  '-O2',
  '-fPIC',
  '-fno-exceptions',
  '-fno-rtti',
  '-fvisibility=hidden',
  '-ffunction-sections',
  '-fdata-sections',
  '-fstack-protector-strong',
  '-D_FORTIFY_SOURCE=2',
  '-Wall',
  '-Wextra',
  '-Werror',
  `-DNAPI_VERSION=${NAPI_VERSION}`,
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  '-DBUILDING_NODE_EXTENSION',
];

const LINKER_FLAGS = {
  linux: [
    '-shared',
    '-pthread',
    '-static-libstdc++',
    '-static-libgcc',
    '-Wl,--exclude-libs,ALL',
    `-Wl,--version-script=${inProject('src', 'exports.map')}`,
    '-Wl,--gc-sections',
    '-Wl,--as-needed',
    '-Wl,-z,noexecstack',
    // Finalizers and the doorbell may run after a worker thread, whose end would unload the addon.
    '-Wl,-z,nodelete',
    '-Wl,-z,relro',
    '-Wl,-z,now',
  ],
  darwin: ['-bundle', '-undefined', 'dynamic_lookup', '-mmacosx-version-min=11.0'],
};

const addonSources = () => listSources(['src'], /\.cc$/).map(([name]) => name);

const builtFrom = () => [
  RECIPE,
  COMPILER_FLAGS,
  LINKER_FLAGS,
  listSources(['src'], /\.(?:cc|h)$/),
  // The C ABI is declared once, on the Go side.
  listSources(['goexport'], /\.h$/),
  listFiles(['src/exports.map']),
  listFiles(['node_modules/node-addon-api/package.json']).map(([, size]) => size),
];

export function addonStep(target = host) {
  const stamp = new Stamp('addon', target.outputDir);
  const file = addonFile(target);
  return {
    name: `Node addon${target.isRelease ? `, ${target.name}` : ''}`,
    expectedSeconds: 15,
    cure: 'mend the C++ error above',
    current: () => fs.existsSync(file) && stamp.matches(builtFrom()),
    async run() {
      const linkerFlags = LINKER_FLAGS[process.platform];
      if (!linkerFlags) {
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
      fs.mkdirSync(scratch, { recursive: true });
      const built = path.join(scratch, path.basename(file));
      const env = { ...process.env, ...target.environment };
      await target.run(
        env.CXX || 'c++',
        [
          ...(target.isRelease ? ['-g'] : []),
          ...COMPILER_FLAGS,
          ...INCLUDES.map((folder) => `-I${inProject(folder)}`),
          ...addonSources(),
          ...linkerFlags,
          '-o',
          built,
        ],
        { cwd: root, log, env },
      );
      if (target.isRelease) await separateSymbols(target, built, log);
      // Moved into place at the end: an addon that is loaded somewhere must not change under its user.
      for (const name of fs.readdirSync(scratch)) {
        fs.renameSync(path.join(scratch, name), path.join(target.outputDir, name));
      }
      fs.rmSync(scratch, { recursive: true });
      stamp.write(from);
    },
  };
}
