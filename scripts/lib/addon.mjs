// The Node-API addon, compiled by node-gyp and put beside the Go library.
import fs from 'node:fs';
import path from 'node:path';
import { listFiles, listSources, Stamp } from './fingerprint.mjs';
import { run } from './process.mjs';
import { inProject, logDir, outputDir, root } from './project.mjs';
import { StepError } from './steps.mjs';

const RECIPE = 1;

export const addonFile = path.join(outputDir, 'mscp.node');

const nodeGyp = inProject('node_modules', 'node-gyp', 'bin', 'node-gyp.js');

const stamp = new Stamp('addon');

const builtFrom = () => [
  RECIPE,
  listSources(['src'], /\.(?:cc|h)$/),
  // The C ABI is declared once, on the Go side.
  listSources(['goexport'], /\.h$/),
  listFiles(['binding.gyp']),
  listFiles(['node_modules/node-addon-api/package.json']).map(([, size]) => size),
];

/** Headers that lie beside the running node, or undefined: node-gyp then gets them. */
function nodeDir() {
  const prefix = path.resolve(fs.realpathSync(process.execPath), '../..');
  const header = path.join(prefix, 'include', 'node', 'node_api.h');
  return fs.existsSync(header) ? prefix : undefined;
}

export function addonStep() {
  return {
    name: 'Node addon',
    expectedSeconds: 15,
    cure: 'mend the C++ error above; if node headers are missing, install Node with its include/node folder',
    current: () => fs.existsSync(addonFile) && stamp.matches(builtFrom()),
    async run() {
      if (!fs.existsSync(inProject('binding.gyp'))) {
        throw new StepError('there is no binding.gyp', {
          cure: 'check that the clone is whole: git status',
        });
      }
      if (!fs.existsSync(nodeGyp)) {
        throw new StepError('node-gyp is not installed', {
          cure: 'list node-gyp in devDependencies and run this again',
        });
      }
      const from = builtFrom();
      const log = path.join(logDir, 'addon.log');
      fs.rmSync(log, { force: true });
      stamp.clear();

      const headers = nodeDir();
      // Not `rebuild`: that empties build/, and the Go library with it.
      await run(
        process.execPath,
        [nodeGyp, 'configure', 'build', '--jobs=max', ...(headers ? [`--nodedir=${headers}`] : [])],
        { cwd: root, log },
      );
      const arriving = `${addonFile}.${process.pid}`;
      fs.mkdirSync(outputDir, { recursive: true });
      fs.copyFileSync(inProject('build', 'Release', 'mscp.node'), arriving);
      fs.renameSync(arriving, addonFile);
      stamp.write(from);
    },
  };
}
