import { OperationError } from './errors.js';
import { loadFaultOf } from './load-faults.js';
import { isOlder, oldestGlibc, packagedPlatforms, packageOf } from './platform.js';
import type { Machine } from './platform.js';
import { ErrorCode } from './wire.js';

/** The environment variable that names the folder of the native code, as the option `nativePath` does. */
export const NATIVE_PATH = 'MEDIASOUP_CLIENT_PION_NATIVE_PATH';

/** Why native code is not there, or does not load. */
export const NativeErrorCode = {
  /** There is no native code for this operating system or processor. */
  Platform: 'ERR_NATIVE_PLATFORM',
  /** The C library is musl, or a glibc that is too old. */
  Libc: 'ERR_NATIVE_LIBC',
  /** The package of the platform is not installed. */
  Missing: 'ERR_NATIVE_MISSING',
  /** The package of the platform is of another version than this package. */
  Version: 'ERR_NATIVE_VERSION',
  /** A flag of Node.js, or Deno, forbids native code. */
  Forbidden: 'ERR_NATIVE_FORBIDDEN',
  /** The native code is there and cannot be loaded. */
  NotLoaded: ErrorCode.NotLoaded,
} as const;

const fromSource = 'build it from source (docs/building.md)';

/** As a sentence has them. */
const allPackaged = (): string =>
  `${packagedPlatforms.slice(0, -1).join(', ')} and ${String(packagedPlatforms.at(-1))}`;

function failure(code: string, message: string, cause?: unknown): OperationError {
  return new OperationError(message, cause === undefined ? { code } : { code, cause });
}

/** What makes every package useless here, if anything does. */
function unsupported({ platform, arch, libc, glibc }: Machine, cause: unknown) {
  const name = `${platform}-${arch}`;
  if (!packagedPlatforms.includes(name)) {
    return failure(
      NativeErrorCode.Platform,
      `mediasoup-client-pion has no native code for ${name}, only for ${allPackaged()}: ` +
        `run it there, in a container for example, or ${fromSource}`,
      cause,
    );
  }
  if (libc === 'musl') {
    return failure(
      NativeErrorCode.Libc,
      `mediasoup-client-pion needs glibc ${oldestGlibc} or later, and this system has musl (Alpine Linux, for ` +
        'example): use an image with glibc, such as node:22-slim',
      cause,
    );
  }
  if (glibc !== undefined && isOlder(glibc, oldestGlibc)) {
    return failure(
      NativeErrorCode.Libc,
      `mediasoup-client-pion needs glibc ${oldestGlibc} or later, and this system has ${glibc}: ` +
        `use Debian 11, Ubuntu 20.04, RHEL 9 or later, or ${fromSource}`,
      cause,
    );
  }
  return undefined;
}

/** Neither the package of the platform nor a build of a clone was found. */
export function notFound(machine: Machine, version: string, tried: readonly string[]): Error {
  const name = packageOf(machine);
  return (
    unsupported(machine, undefined) ??
    failure(
      NativeErrorCode.Missing,
      `the package ${name}, which holds the native code for ${machine.platform}-${machine.arch}, is not installed (tried ` +
        `${tried.join(', ')}). Either optional dependencies were left out (--omit=optional, --no-optional): install ` +
        'without that. Or the lockfile or node_modules came from another platform: remove both and install again. ' +
        `Or add it yourself: npm install --no-save ${name}@${version}. In a clone of the repository, run ` +
        '`node scripts/bootstrap.mjs`',
    )
  );
}

/** The app is bundled, and nothing that its bundle can find has the native code. */
export function notBesideBundle(
  machine: Machine,
  version: string,
  tried: readonly string[],
): Error {
  const name = packageOf(machine);
  return (
    unsupported(machine, undefined) ??
    failure(
      NativeErrorCode.Missing,
      `this app is bundled, and the package ${name}, which holds the native code, was not found from ` +
        `${tried.join(', ')}. Have the bundler leave mediasoup-client-pion out (esbuild, Rollup, ncc: \`external\`; ` +
        'webpack, Rspack: `externals`; Vite: `ssr.external`; Next.js: `serverExternalPackages`, and ' +
        '`outputFileTracingIncludes` where it collects files), or ' +
        `put ${name}@${version} into a node_modules beside the bundle, or name its folder by nativePath or ` +
        `${NATIVE_PATH} (docs/deploying.md)`,
    )
  );
}

/** The app is a single executable, which can have nothing left out of it, and what lies beside it has no native code. */
export function notBesideExecutable(
  machine: Machine,
  version: string,
  tried: readonly string[],
): Error {
  const name = packageOf(machine);
  return (
    unsupported(machine, undefined) ??
    failure(
      NativeErrorCode.Missing,
      `this app is a single executable, and the package ${name}, which holds the native code, was not found from ` +
        `${tried.join(', ')}. Deploy both: put ${name}@${version} into a node_modules beside the executable, or name ` +
        `its folder by nativePath or ${NATIVE_PATH} (docs/deploying.md)`,
    )
  );
}

/** Nothing is where `setting` says that the native code is. */
export function notThere(setting: string, file: string): Error {
  return failure(
    NativeErrorCode.Missing,
    `${setting}: there is no ${file}. It takes the folder of the package of the platform, which has mscp.node and ` +
      'the core in it',
  );
}

/** The package of the platform is there, of a version that does not belong to this package. */
export function otherVersion(name: string, found: string, wanted: string): Error {
  return failure(
    NativeErrorCode.Version,
    `${name} is ${found}, and mediasoup-client-pion is ${wanted}: both must be of the same version. ` +
      `Remove node_modules and install again, and remove ${name} from your own package.json if it is there`,
  );
}

/** What was found does not load. `file` is what was loaded. */
export function notLoaded(machine: Machine, file: string, error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException;
  // What the addon says of the core that lies beside it.
  if (code === ErrorCode.AbiMismatch) {
    return failure(code, `${firstLine(message)}. Install mediasoup-client-pion again`, error);
  }
  const { isForbidden, reason, cure } = loadFaultOf(error, file);
  const told = `${file} cannot be loaded, as ${reason}: ${cure} (${firstLine(message)})`;
  if (isForbidden) return failure(NativeErrorCode.Forbidden, told, error);
  return unsupported(machine, error) ?? failure(NativeErrorCode.NotLoaded, told, error);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
