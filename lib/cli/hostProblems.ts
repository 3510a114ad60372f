import type { Host } from './host.js';
import type { Problem } from './Problem.js';

const OLDEST_NODE = 20;
const OLDEST_GLIBC = '2.31';
const LEAST_OPEN_FILES = 1024;
/** What this package asks for: a smaller one loses packets in bursts. */
const SOCKET_BUFFER = 2 * 1024 * 1024;

/** What is wrong with the machine, as far as it shows without the core. */
export function hostProblems(host: Host): Problem[] {
  return [
    ...platformProblems(host),
    ...packageProblems(host),
    ...networkProblems(host),
    ...limitProblems(host),
    ...deviceProblems(host),
  ];
}

function platformProblems({ platform, arch, node, glibc }: Host): Problem[] {
  const problems: Problem[] = [];
  if (Number.parseInt(node, 10) < OLDEST_NODE) {
    problems.push({
      severity: 'error',
      what: `Node.js ${node} is too old`,
      cure: `install Node.js ${OLDEST_NODE} or later`,
    });
  }
  if (platform === 'win32' && arch === 'x64') {
    problems.push({
      severity: 'note',
      what: 'the code for Windows was tested under Wine, and on no Windows yet',
      cure: 'docs/platforms.md tells what of it; report what does not work',
    });
  } else if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    problems.push({
      severity: 'warning',
      what: `${platform}-${arch} is not tested and has no prebuilt package`,
      cure: 'use linux-x64, linux-arm64 or win32-x64, or build from source',
    });
  } else if (glibc === undefined) {
    problems.push({
      severity: 'error',
      what: 'this Node.js is not linked with glibc: the system is probably Alpine, with musl',
      cure: 'use a system with glibc, as the node:bookworm-slim image has it',
    });
  } else if (glibc.localeCompare(OLDEST_GLIBC, 'en', { numeric: true }) < 0) {
    problems.push({
      severity: 'error',
      what: `glibc ${glibc} is too old`,
      cure: `use a system with glibc ${OLDEST_GLIBC} or later: Debian 11, Ubuntu 20.04`,
    });
  }
  return problems;
}

function packageProblems({ mediasoupClient }: Host): Problem[] {
  if (mediasoupClient === undefined) {
    return [
      {
        severity: 'error',
        what: 'mediasoup-client is not installed',
        cure: 'remove node_modules and install mediasoup-client-pion again, which brings it',
      },
    ];
  }
  const [major = 0, minor = 0] = mediasoupClient.split('.').map(Number);
  if (major === 3 && minor >= 21) return [];
  return [
    {
      severity: 'error',
      what: `mediasoup-client ${mediasoupClient} is not one that this package works with`,
      cure: 'npm install mediasoup-client@^3.21.0',
    },
  ];
}

function networkProblems({ interfaces }: Host): Problem[] {
  if (interfaces.some(({ internal }) => !internal)) return [];
  return [
    {
      severity: 'warning',
      what: 'there is no network interface but loopback',
      cure: 'only a mediasoup server on this machine can be reached; connect it, or its container, to a network',
    },
  ];
}

function limitProblems({ openFiles, socketBuffer }: Host): Problem[] {
  const problems: Problem[] = [];
  if (openFiles !== undefined && openFiles < LEAST_OPEN_FILES) {
    problems.push({
      severity: 'warning',
      what: `at most ${openFiles} files and sockets may be open, of which each transport needs one for each address`,
      cure: 'raise the limit before Node.js starts: ulimit -n 65536',
    });
  }
  if (socketBuffer !== undefined && socketBuffer < SOCKET_BUFFER) {
    problems.push({
      severity: 'note',
      what: `sockets hold at most ${socketBuffer} bytes: bursts of high bitrate can be lost while the machine is busy`,
      cure: `sysctl -w net.core.rmem_max=${SOCKET_BUFFER} net.core.wmem_max=${SOCKET_BUFFER}`,
    });
  }
  return problems;
}

function deviceProblems({ forbiddenDevices }: Host): Problem[] {
  if (forbiddenDevices.length === 0) return [];
  return [
    {
      severity: 'warning',
      what: `this process may not open ${forbiddenDevices.join(', ')}`,
      cure: 'add its user to the groups that own them: usermod -aG video,audio USER, then log in again',
    },
  ];
}
