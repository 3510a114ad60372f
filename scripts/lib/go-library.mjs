// The Go core as one shared library with one symbol.
import fs from 'node:fs';
import path from 'node:path';
import { depsKey } from './c-libraries.mjs';
import { listFiles, listSources, Stamp } from './fingerprint.mjs';
import { goEnv } from './go-env.mjs';
import { run } from './process.mjs';
import { inProject, logDir, outputDir, root } from './project.mjs';
import { StepError } from './steps.mjs';
import { checkGoVersion } from './toolchain.mjs';

const RECIPE = 1;

const extension = process.platform === 'darwin' ? 'dylib' : 'so';
export const goLibraryFile = path.join(outputDir, `libmscp.${extension}`);

const stamp = new Stamp('go-library');

// Names the one symbol that the library shows to the outside.
const exportsMap = inProject('goexport', 'exports.map');

/** FFmpeg's assembly refers to its own tables directly, and no symbol may meet another FFmpeg in the process. */
function linkerFlags() {
  if (process.platform !== 'linux') return '';
  const flags = '-Wl,-Bsymbolic -Wl,--exclude-libs,ALL -Wl,-z,defs';
  return fs.existsSync(exportsMap) ? `${flags} -Wl,--version-script=${exportsMap}` : flags;
}

function version() {
  try {
    return JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8')).version;
  } catch {
    return '0.0.0';
  }
}

const sources = () => [
  ...listSources(['goexport', 'internal'], /(?<!_test)\.go$|\.(?:c|h)$/),
  ...listFiles(['go.mod', 'go.sum', 'goexport/exports.map']),
];

const builtFrom = () => [RECIPE, sources(), depsKey(), version(), linkerFlags()];

export function goLibraryStep() {
  return {
    name: 'Go library',
    expectedSeconds: 120,
    cure: 'mend the Go error above; `node scripts/go.mjs build ./goexport` shows it alone',
    current: () => fs.existsSync(goLibraryFile) && stamp.matches(builtFrom()),
    async run(progress) {
      checkGoVersion();
      if (!sources().some(([name]) => /^goexport.*\.go$/.test(name))) {
        throw new StepError('no Go sources in goexport/', {
          cure: 'check that the clone is whole: git status',
        });
      }
      const from = builtFrom();
      const log = path.join(logDir, 'go-library.log');
      fs.rmSync(log, { force: true });
      stamp.clear();

      // Moved into place at the end: a library that is loaded somewhere must not change under its user.
      const scratch = path.join(outputDir, '.go-library');
      fs.rmSync(scratch, { recursive: true, force: true });
      fs.mkdirSync(scratch, { recursive: true });
      const built = path.join(scratch, path.basename(goLibraryFile));

      let packages = 0;
      await run(
        'go',
        [
          'build',
          '-v',
          '-buildmode=c-shared',
          '-trimpath',
          '-ldflags',
          `-s -w -X main.version=${version()} -extldflags '${linkerFlags()}'`,
          '-o',
          built,
          './goexport',
        ],
        {
          cwd: root,
          env: goEnv(),
          log,
          onLine: (line) => {
            if (/^go: downloading/.test(line)) progress.update('download modules');
            else progress.update(`compile, ${++packages} packages`);
          },
        },
      );
      fs.renameSync(built, goLibraryFile);
      fs.rmSync(scratch, { recursive: true });
      stamp.write(from);
    },
  };
}
