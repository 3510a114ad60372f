import { createRequire } from 'node:module';
import { OperationError } from './errors.js';
import { ErrorCode } from './wire.js';

/** One environment of the core, as src/bridge.h describes it. */
export type NativeBridge = {
  readonly batch: ArrayBuffer;
  call(request: number, handle: number, method: number, body: string): number;
  poll(): number;
  send(handle: number, data: string | ArrayBufferLike | ArrayBufferView, text: boolean): number;
  query(handle: number, what: number): number;
  acquire(token: number): ArrayBuffer | undefined;
  release(token: number): number;
  keepAlive(alive: boolean): void;
};

type Addon = { open(onRing: () => void): NativeBridge };

const platform = `${process.platform}-${process.arch}`;

/** Where the addon may be: a local build first, then the package of the platform. */
const candidates = [`../build/${platform}/mscp.node`, `mediasoup-client-pion-${platform}`];

/**
 * Loads the addon and the core, and opens an environment of it.
 *
 * @param onRing - Called when there is something to poll.
 * @throws OperationError with code `ERR_LIBRARY_NOT_LOADED` or `ERR_ABI_MISMATCH`.
 */
export function openNative(onRing: () => void): NativeBridge {
  try {
    return loadAddon().open(onRing);
  } catch (error) {
    if (error instanceof OperationError) throw error;
    const { message, code = ErrorCode.NotLoaded } = error as NodeJS.ErrnoException;
    throw new OperationError(`${message}. ${cure}`, { code, cause: error });
  }
}

const cure =
  'Install mediasoup-client-pion again; in a clone of its repository, run `node scripts/bootstrap.mjs`.';

function loadAddon(): Addon {
  const require = createRequire(import.meta.url);
  const failures: string[] = [];
  let cause: unknown;
  for (const candidate of candidates) {
    try {
      return require(candidate) as Addon;
    } catch (error) {
      // What is there and does not load says more than what is missing.
      if (!isMissing(error)) cause = error;
      failures.push(`${candidate}: ${firstLine(error)}`);
    }
  }
  throw new OperationError(
    `no native addon for ${platform} could be loaded. Tried ${failures.join('; ')}. ${cure}`,
    { code: ErrorCode.NotLoaded, cause },
  );
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}

function firstLine(error: unknown): string {
  const { message } = error as Error;
  return message.split('\n', 1)[0] ?? message;
}
