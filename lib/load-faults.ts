import path from 'node:path';

/** Why native code that is there does not load, and what helps. */
export type LoadFault = { isForbidden: boolean; reason: string; cure: string };

/** What Node.js, Deno or the system's loader says, and what it means. */
export function loadFaultOf(error: unknown, file: string): LoadFault {
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_DLOPEN_DISABLED') return forbidden(...addonsDisabled());
  if (code === 'ERR_ACCESS_DENIED') {
    const folder = path.dirname((error as { resource?: string }).resource ?? file);
    return forbidden(
      '--permission forbids reading it',
      `start Node.js with --allow-fs-read=${folder} too`,
    );
  }
  if (name === 'NotCapable') {
    return forbidden('Deno forbids native code', 'start it with --allow-ffi');
  }
  const fault = FAULTS.find(({ pattern }) => pattern.test(message));
  return fault ? { isForbidden: false, ...fault } : DAMAGED;
}

function forbidden(reason: string, cure: string): LoadFault {
  return { isForbidden: true, reason, cure };
}

/** Node.js says the same of both flags. */
function addonsDisabled(): [reason: string, cure: string] {
  const given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  // Not in @types/node of the lowest version.
  if ((process as { permission?: object }).permission === undefined) {
    return ['--no-addons forbids it', `start Node.js without --no-addons${whereIs('--no-addons')}`];
  }
  const cure = 'start Node.js with --allow-addons too';
  return given.includes('--no-addons')
    ? ['--permission and --no-addons forbid it', `${cure}, and without --no-addons`]
    : ['--permission forbids it', cure];
}

const whereIs = (flag: string): string =>
  process.env['NODE_OPTIONS']?.includes(flag) === true ? ', which is in NODE_OPTIONS' : '';

const again =
  'remove node_modules and install mediasoup-client-pion again; in a clone of the repository, run ' +
  '`node scripts/bootstrap.mjs`';

const DAMAGED: LoadFault = { isForbidden: false, reason: 'the file is damaged', cure: again };

const coreMissing = (core: string): Omit<LoadFault, 'isForbidden'> => ({
  reason: 'the core, which lies beside the addon, is not there',
  cure: `have what copies mscp.node (a bundler, a Dockerfile) copy ${core} as well, or ${again}`,
});

const FAULTS = [
  {
    pattern: /failed to map segment/,
    reason: 'it is on a file system that forbids running programs (noexec)',
    cure: 'install where programs may run, or mount that file system without noexec',
  },
  {
    pattern: /Permission denied|EACCES/,
    reason: 'this user may not read it',
    cure: 'install as the user who runs the app, or let that user read node_modules',
  },
  {
    pattern: /libmscp\.(so|dylib)\b.*(No such file|not found)/i,
    ...coreMissing('libmscp.so'),
  },
  {
    // Windows' number for it: its words are in the user's language.
    pattern: /libmscp\.dll: .*\(126\)/,
    ...coreMissing('libmscp.dll'),
  },
  {
    pattern: /cannot open shared object file: No such file/,
    reason: 'the system lacks that library',
    cure: 'install the package of the system that has it',
  },
];
