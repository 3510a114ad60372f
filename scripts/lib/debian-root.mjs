// A Debian of 2021 in a folder: what is linked in it runs wherever glibc is 2.31 or later.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { debianMirrors, packagesFor } from './apt.mjs';
import { artefactDir, buildArtefact, isComplete } from './artefact.mjs';
import { fetchSource } from './download.mjs';
import { capture, run } from './process.mjs';
import { cacheDir, keyOf, logDir, root as projectRoot } from './project.mjs';
import { StepError } from './steps.mjs';

const SUITE = 'bullseye';
export const ROOT_GLIBC = '2.31';

const RECIPE = 1;

// What the host needs to build, without what only downloads, and the compiler of the other platform.
const PACKAGES = [
  ...[...packagesFor('build').filter((name) => name !== 'ca-certificates'), 'perl'].sort(),
  process.arch === 'arm64' ? 'g++-x86-64-linux-gnu' : 'g++-aarch64-linux-gnu',
];

// What libxcb's code is generated from: this Debian's is older than libxcb asks for. Text and Python, for any Debian.
const NEWER = [
  {
    name: 'xcb-proto',
    file: 'xcb-proto_1.15.2-1_all.deb',
    sha256: 'cb6c18fb8ce684d8219ee2e0ff52ff32802b3d9c8f5e64a9054d5ceab9866dcc',
  },
  {
    name: 'xcb-proto',
    file: 'python3-xcbgen_1.15.2-1_all.deb',
    sha256: 'f5b504e8276612e6d8f22e5d5b9a75eae324e060bee6ab0571be9ab29bf3e00b',
  },
];

export const rootKey = keyOf([RECIPE, SUITE, process.arch, PACKAGES]);

export const debianRoot = artefactDir(`debian-${SUITE}`, rootKey);

export const debianRootStep = () => ({
  name: `Debian ${SUITE} (glibc ${ROOT_GLIBC}) with compilers`,
  expectedSeconds: 150,
  ...rootMaking({
    dir: debianRoot,
    suite: SUITE,
    packages: PACKAGES,
    logName: 'debian-root.log',
    async complete(temporary, log) {
      for (const source of NEWER) {
        await run('dpkg-deb', ['--extract', await fetchSource(source), temporary], { log });
      }
    },
  }),
});

/**
 * The part of a step that makes a Debian in a folder of the cache: `packages` are beside those without which there is
 * none, and `complete` adds what is not Debian's.
 */
export function rootMaking({ dir, suite, packages = [], logName, complete }) {
  return {
    cure: `read the log: debootstrap says which package could not be had`,
    current: () => isComplete(dir),
    async run(progress) {
      if (process.platform !== 'linux' || process.getuid() !== 0) {
        throw new StepError('a Debian in a folder, which packages are made in, needs root', {
          cure: 'run this as root on Linux',
        });
      }
      const mirror = debianMirrors().find(({ pool }) => pool === 'pool');
      if (!mirror) {
        throw new StepError("apt's configuration names no Debian mirror", {
          cure: 'run this on Debian 12 or later, or in a container of it',
        });
      }
      const log = path.join(logDir, logName);
      fs.rmSync(log, { force: true });
      await buildArtefact(dir, async (temporary) => {
        const included = packages.length > 0 ? [`--include=${packages.join(',')}`] : [];
        const words = ['--variant=minbase', ...included, suite, temporary, mirror.url];
        // In a mount namespace of its own, so that no /proc of its is left behind in the folder.
        await run('unshare', ['--mount', 'debootstrap', ...words], {
          log,
          env: { ...process.env, ...aptProxy() },
          onLine(line) {
            const [, what] = /^I: (\w+ \S+)\.\.\.$/.exec(line) ?? [];
            if (what) progress.update(what);
          },
        });
        await complete(temporary, log);
        for (const folder of [
          'var/cache/apt',
          'usr/share/doc',
          'usr/share/locale',
          'usr/share/man',
        ]) {
          fs.rmSync(path.join(temporary, folder), { recursive: true, force: true });
        }
      });
    },
  };
}

/** debootstrap downloads by itself: through what apt goes through. */
function aptProxy() {
  const shell = capture('apt-config', ['shell', 'http_proxy', 'Acquire::http::Proxy']) ?? '';
  const [, proxy] = /^http_proxy='(.*)'$/m.exec(shell) ?? [];
  return proxy && proxy !== 'DIRECT' ? { http_proxy: proxy } : {};
}

// $1 root, $2 folder to be in, $3 user, then folders that are seen inside, --, and the command.
const ENTER = `
set -e
root=$1 folder=$2 user=$3
shift 3
while [ "$1" != -- ]; do
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
  shift
done
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user" "$root" /bin/sh -c 'cd "$1"; shift; exec "$@"' sh "$folder" "$@"
`;

/** A command that runs another one inside a root; `folders` are seen there under their own paths. */
export function commandInRoot(root, folders, cwd, command, args, user = 'root') {
  const seen = [...new Set(folders)].filter((folder) => fs.existsSync(folder));
  const words = ['sh', root, cwd, user, ...seen, '--', command, ...args];
  return ['unshare', ['--mount', '/bin/sh', '-c', ENTER, ...words]];
}

/** As `run` of process.mjs, inside a root. */
export function runInRoot(root, folders, command, args, options) {
  const entering = commandInRoot(root, folders, options.cwd ?? '/', command, args);
  return run(...entering, { ...options, cwd: '/' });
}

/** What a build sees of the host: the project, the cache, and Go with its modules. */
export function buildFolders() {
  const go = (capture('go', ['env', 'GOROOT', 'GOMODCACHE', 'GOCACHE']) ?? '').split('\n');
  return [projectRoot, cacheDir, os.tmpdir(), ...go.filter(Boolean)];
}
