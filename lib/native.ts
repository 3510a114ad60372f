import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { truncationOf } from './elf.js';
import { OperationError } from './errors.js';
import { notFound, notLoaded, otherVersion } from './native-errors.js';
import { thisMachine } from './platform.js';
import { version } from './version.js';

/** One environment of the core, as src/bridge.h describes it. */
export type NativeBridge = {
  readonly batch: ArrayBuffer;
  call(request: number, handle: number, method: number, body: string): number;
  poll(): number;
  send(handle: number, data: string | Uint8Array, text: boolean): number;
  query(handle: number, what: number): number;
  take(token: number, room: Uint8Array): number;
  /** What a frame is: fields of lib/frames/head.ts, in and out of the calls below. */
  readonly frame: Float64Array;
  frameTake(handle: number): number;
  frameMake(data: Uint8Array): number;
  frameWrite(handle: number, token: number): number;
  frameRelease(token: number): number;
  frameCopy(token: number, room: Uint8Array): number;
  frameConvert(token: number, length: number): Promise<ArrayBuffer | number> | number;
  framePlane(token: number, plane: number): ArrayBuffer | number;
  detach(buffer: ArrayBuffer): void;
  keepAlive(alive: boolean): void;
};

type Addon = { open(onRing: () => void): NativeBridge };

const platform = `${process.platform}-${process.arch}`;

/** The package that holds the native code of this platform. */
const packageName = `mediasoup-client-pion-${platform}`;

/** Where a clone of the repository has its own. */
const builtAddon = new URL(`../build/${platform}/mscp.node`, import.meta.url);

/**
 * Loads the addon and the core, and opens an environment of it.
 *
 * @param onRing - Called when there is something to poll.
 * @throws OperationError with a code of `NativeErrorCode`, or `ERR_ABI_MISMATCH`.
 */
export function openNative(onRing: () => void): NativeBridge {
  const require = createRequire(import.meta.url);
  let file = packageName;
  try {
    file = findAddon(require);
    if (process.platform === 'linux') refuseTruncated(file);
    return (require(file) as Addon).open(onRing);
  } catch (error) {
    throw error instanceof OperationError ? error : notLoaded(thisMachine(), file, error);
  }
}

/** The addon, and the core beside it that it loads. */
function refuseTruncated(addon: string): void {
  for (const file of [addon, path.join(path.dirname(addon), 'libmscp.so')]) {
    if (!existsSync(file)) continue;
    const fault = truncationOf(file);
    if (fault !== undefined) throw new Error(`${path.basename(file)}: ${fault}`);
  }
}

/** The addon of the package of the platform, else that of a clone. */
function findAddon(require: NodeJS.Require): string {
  const found = findPackage(require);
  if (found !== undefined) {
    if (found.version !== version) throw otherVersion(packageName, found.version, version);
    return found.addon;
  }
  const built = fileURLToPath(builtAddon);
  if (existsSync(built)) return built;
  throw notFound(thisMachine(), version, [packageName, built]);
}

function findPackage(require: NodeJS.Require): { version: string; addon: string } | undefined {
  try {
    const manifest = require(`${packageName}/package.json`) as { version: string };
    return { version: manifest.version, addon: require.resolve(`${packageName}/mscp.node`) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
