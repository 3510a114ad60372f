// System packages: what each purpose needs, what is there, and the mirror that this machine already uses.
import fs from 'node:fs';
import path from 'node:path';
import { capture, run } from './process.mjs';
import { logDir } from './project.mjs';
import { StepError } from './steps.mjs';

const PACKAGES = {
  build: [
    'bzip2',
    'ca-certificates',
    'cmake',
    'g++',
    'make',
    'meson',
    'nasm',
    'ninja-build',
    'pkg-config',
    'python3',
    // What libxcb's code is generated from.
    'python3-xcbgen',
    'x11proto-dev',
    'xcb-proto',
    'xz-utils',
  ],
  demo: [
    // The mediasoup worker's libraries.
    'flatbuffers-compiler',
    'libabsl-dev',
    'libflatbuffers-dev',
    'libsrtp2-dev',
    'libssl-dev',
    'libusrsctp-dev',
    'libuv1-dev',
    // Makes the sample files; nothing that is shipped links it.
    'ffmpeg',
    // Speaks in an example.
    'espeak-ng',
  ],
  test: [
    'chromium',
    'clang-format',
    'clang-tidy',
    // A TURN server, and its certificates.
    'coturn',
    'openssl',
    // Networks that the tests make, and what goes over them.
    'iproute2',
    'tcpdump',
    // Hears whether the words of an example come out.
    'pocketsphinx',
    'pocketsphinx-en-us',
    // Microphones and screens that the tests bring up themselves.
    'libasound2-plugins',
    'pulseaudio',
    'pulseaudio-utils',
    'x11-xserver-utils',
    'xvfb',
  ],
  // The compilers are in the older Debian that platform packages are linked in.
  package: [
    'binutils',
    'bzip2',
    'ca-certificates',
    'debian-archive-keyring',
    'debootstrap',
    'gpgv',
    'xz-utils',
  ],
  release: ['qemu-user-static'],
  // Builds images, keeps them, and runs them as pods, in a network that it makes, and what Kubernetes needs beside itself.
  containers: [
    'containerd',
    'containernetworking-plugins',
    'curl',
    'docker-registry',
    'etcd-server',
    'iproute2',
    'iptables',
    'openssl',
    'podman',
    'prometheus',
    'runc',
  ],
  // What compiles for it, and what runs that.
  windows: ['g++-mingw-w64-x86-64-posix', 'wine', 'wine64'],
};

/** What a purpose needs: each has what those before it in its line have. */
const LINES = [
  ['build', 'demo', 'test'],
  ['package', 'release'],
  ['build', 'windows'],
  ['containers'],
];

function upTo(purpose, lists) {
  const line = LINES.find((names) => names.includes(purpose));
  return line.slice(0, line.indexOf(purpose) + 1).flatMap((name) => lists[name] ?? []);
}

export const packagesFor = (purpose) => upTo(purpose, PACKAGES);

/** Names of installed packages, or undefined where dpkg isn't the package manager. */
function installedPackages() {
  let status;
  try {
    status = fs.readFileSync('/var/lib/dpkg/status', 'latin1');
  } catch {
    return undefined;
  }
  const names = new Set();
  const pattern = /^Package: (\S+)\nStatus: \S+ \S+ installed\n(?:(?!\n\n)[^])*?(?=\n\n|$)/gm;
  for (const [paragraph, name] of status.matchAll(pattern)) {
    names.add(name);
    const provides = /^Provides: (.*)$/m.exec(paragraph)?.[1] ?? '';
    for (const provided of provides.split(',')) {
      names.add(provided.trim().split(' ')[0]);
    }
  }
  return names;
}

function missingPackages(purpose) {
  const installed = installedPackages();
  if (!installed) return undefined;
  return packagesFor(purpose).filter((name) => !installed.has(name));
}

/** The programs without which a build can't start, for systems that apt doesn't rule. */
const PROGRAMS = {
  build: ['bzip2', 'cmake', 'g++', 'make', 'meson', 'nasm', 'ninja', 'pkg-config', 'xz'],
  demo: ['flatc', 'ffmpeg', 'espeak-ng'],
  test: ['turnserver', 'pocketsphinx_continuous', 'openssl', 'ip', 'tcpdump'],
  package: ['debootstrap', 'readelf', 'bzip2', 'xz'],
};

function missingPrograms(purpose) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return upTo(purpose, PROGRAMS).filter(
    (program) => !folders.some((folder) => fs.existsSync(path.join(folder, program))),
  );
}

export function packagesStep(purpose) {
  return {
    name: 'System packages',
    expectedSeconds: 60,
    current: () => (missingPackages(purpose) ?? missingPrograms(purpose)).length === 0,
    async run(progress) {
      const missing = missingPackages(purpose);
      if (!missing) {
        throw new StepError(
          `programs that are not installed: ${missingPrograms(purpose).join(' ')}`,
          {
            cure: "install them with the system's package manager, then run this again",
          },
        );
      }
      const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
      if (process.getuid() !== 0) {
        throw new StepError(`packages that are not installed: ${missing.join(' ')}`, {
          cure: `run this as root, then try again:\n    ${command}`,
        });
      }

      const log = path.join(logDir, 'packages.log');
      fs.rmSync(log, { force: true });
      const options = {
        log,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        onLine(line) {
          const unpacking = /^(?:Unpacking|Setting up) (\S+)/.exec(line);
          if (unpacking) progress.update(unpacking[1]);
        },
      };
      // Another apt on the machine is waited for rather than tripped over.
      const wait = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
      try {
        progress.update('package lists');
        // A foreign source that can't be reached doesn't matter as long as the packages come.
        await run('apt-get', [...wait, 'update'], options).catch(() => {});
        progress.update(`${missing.length} packages`);
        await run(
          'apt-get',
          [...wait, 'install', '-y', '--no-install-recommends', ...missing],
          options,
        );
      } catch (error) {
        error.cure = `see what apt says, put it right, then run:\n    ${command}`;
        throw error;
      }
    },
  };
}

/** Debian mirrors out of the machine's own apt configuration, each with the folder of its package pool. */
export function debianMirrors() {
  const sites = new Set();
  const targets = capture('apt-get', ['indextargets', '--format', '$(SITE)']);
  for (const site of (targets ?? '').split('\n')) sites.add(site.trim());
  for (const line of sourceLists().split('\n')) {
    const url = /\bhttps?:\/\/\S+/.exec(line.replace(/^\s*#.*/, ''))?.[0];
    if (url) sites.add(url);
  }

  const mirrors = [];
  for (const site of sites) {
    const url = site.replace(/\/+$/, '');
    if (url.endsWith('/debian')) mirrors.unshift({ url, pool: 'pool' });
    if (url.endsWith('/debian-security')) {
      mirrors.push({ url, pool: 'pool/updates' });
    }
  }
  return mirrors;
}

function sourceLists() {
  const folder = '/etc/apt/sources.list.d';
  const parts = fs.existsSync(folder)
    ? fs.readdirSync(folder).map((name) => path.join(folder, name))
    : [];
  return ['/etc/apt/sources.list', ...parts]
    .filter((file) => fs.existsSync(file) && /\.(list|sources)$/.test(file))
    .map((file) => fs.readFileSync(file, 'utf8'))
    .join('\n');
}
