// What Linux allows to root alone, and to root in a container only where that is said.
import fs from 'node:fs';

const CAP_SYS_ADMIN = 21n;

/** @throws Error that says what to do where nothing can be mounted, and no namespace be made. */
export function assertAdministrator(what) {
  if (process.platform === 'linux' && mayAdminister()) return;
  throw new Error(
    `this test ${what}, which Linux allows to root alone: run it as root on Linux, in a container with CAP_SYS_ADMIN and ` +
      'CAP_NET_ADMIN (docker run --privileged)',
  );
}

function mayAdminister() {
  const [, effective] = /^CapEff:\s*(\w+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'));
  return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}
