// The Go core as one shared library with one symbol.
import fs from 'node:fs';
import path from 'node:path';
import { depsKey } from './c-libraries.mjs';
import { listFiles, listSources, Stamp } from './fingerprint.mjs';
import { buildTags, cgoFlags, goEnv } from './go-env.mjs';
import { capture, run } from './process.mjs';
import { inProject, logDir, root } from './project.mjs';
import { StepError } from './steps.mjs';
import { separateSymbols } from './symbols.mjs';
import { host, suffixOf } from './target.mjs';
import { checkGoVersion } from './toolchain.mjs';
import { version } from './version.mjs';

const RECIPE = 2;

const extensionOf = ({ isWindows }) =>
  isWindows ? 'dll' : process.platform === 'darwin' ? 'dylib' : 'so';

const fileIn = (folder, target) => path.join(folder, `libmscp.${extensionOf(target)}`);

export const goLibraryFile = (target = host) => fileIn(target.outputDir, target);

// Names the one symbol that the library shows to the outside.
const exportsMap = inProject('goexport', 'exports.map');

// internal/core/childsignal and internal/core/preemption mend entries of tables in Go's runtime.
const RUNTIME_ACCESS = '-checklinkname=0';

// What mbedTLS and FFmpeg ask of the system, and no DLL but the system's. libssp has what _FORTIFY_SOURCE calls, with which Opus
// is compiled.
const WINDOWS_FLAGS = ['-static', '-static-libgcc', '-lbcrypt', '-lws2_32', '-lssp'];

/** FFmpeg's assembly refers to its own tables directly, and no symbol may meet another FFmpeg in the process. */
function linkerFlags({ isWindows }) {
  if (isWindows) return WINDOWS_FLAGS.join(' ');
  if (process.platform === 'darwin') {
    // Found beside the addon, by its whole path: the name is not that of the folder in which it was built.
    const words = ['-exported_symbol,_mscp_open_abi', '-install_name,@rpath/libmscp.dylib'];
    return words.map((word) => `-Wl,${word}`).join(' ');
  }
  if (process.platform !== 'linux') return '';
  const words = [
    '-Bsymbolic',
    '--exclude-libs,ALL',
    '-z,defs',
    `--version-script=${exportsMap}`,
    // Nothing is bound late, and what was bound can't be written to.
    '-z,relro',
    '-z,now',
    '-z,noexecstack',
    // Size: what nobody calls, equal strings, libraries that nobody needs.
    '--gc-sections',
    '-O1',
    '--as-needed',
  ];
  return ['-static-libgcc', ...words.map((word) => `-Wl,${word}`)].join(' ');
}

const sources = () => [
  ...listSources(['goexport', 'internal'], /(?<!_test)\.go$|\.(?:c|h)$/),
  ...listFiles(['go.mod', 'go.sum', 'goexport/exports.map']),
];

const builtFrom = (target, tags) => [
  RECIPE,
  sources(),
  depsKey(target),
  version(),
  [tags, cgoFlags, linkerFlags(target), RUNTIME_ACCESS],
];

/** The library that users have; or, in a folder of its own, the one with the hooks of tests (internal/hooks). */
export function goLibraryStep(target = host, { folder = target.outputDir, hooks = false } = {}) {
  const stamp = new Stamp('go-library', folder);
  const file = fileIn(folder, target);
  const tags = hooks ? `${buildTags},hooks` : buildTags;
  return {
    name: `Go library${hooks ? ' of tests' : ''}${suffixOf(target)}`,
    expectedSeconds: 120,
    cure: 'mend the Go error above; `node scripts/go.mjs vet ./...` shows it alone',
    current: () => fs.existsSync(file) && stamp.matches(builtFrom(target, tags)),
    async run(progress) {
      checkGoVersion();
      if (!sources().some(([name]) => /^goexport.*\.go$/.test(name))) {
        throw new StepError('no Go sources in goexport/', {
          cure: 'check that the clone is whole: git status',
        });
      }
      const from = builtFrom(target, tags);
      const build = `${hooks ? 'hooks' : 'host'}${suffixOf(target).replace(', ', '-')}`;
      const log = path.join(logDir, `go-library-${build}.log`);
      fs.rmSync(log, { force: true });
      stamp.clear();

      // Moved into place at the end: a library that is loaded somewhere must not change under its user.
      const scratch = path.join(folder, '.go-library');
      fs.rmSync(scratch, { recursive: true, force: true });
      fs.mkdirSync(scratch, { recursive: true });
      const built = path.join(scratch, path.basename(file));

      // The modules come to the host: an older Debian has neither certificates nor settings of this network.
      if (target.isRelease) await run('go', ['mod', 'download'], { cwd: root, log });
      let packages = 0;
      // Symbols stay only where they are kept in a file of their own.
      const keeps = (target.isRelease && !target.isWindows) || target.isSanitized;
      const strip = keeps ? '' : '-s -w ';
      await target.run(
        goProgram(),
        [
          'build',
          '-v',
          '-buildmode=c-shared',
          '-buildvcs=false',
          `-tags=${tags}`,
          '-ldflags',
          `${strip}${RUNTIME_ACCESS} -X main.version=${version()} -extldflags '${linkerFlags(target)}'`,
          '-o',
          built,
          './goexport',
        ],
        {
          cwd: root,
          env: goEnv(process.env, target),
          log,
          onLine: (line) => {
            if (/^go: downloading/.test(line)) progress.update('download modules');
            else progress.update(`compile, ${++packages} packages`);
          },
        },
      );
      if (target.isRelease && !target.isWindows) await separateSymbols(target, built, log);
      for (const name of fs.readdirSync(scratch)) {
        if (!name.endsWith('.h')) fs.renameSync(path.join(scratch, name), path.join(folder, name));
      }
      fs.rmSync(scratch, { recursive: true });
      stamp.write(from);
    },
  };
}

const goProgram = () => path.join(capture('go', ['env', 'GOROOT']) ?? '', 'bin', 'go');
