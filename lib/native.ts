import { existsSync } from 'node:fs';
import path from 'node:path';
import { truncationOf } from './elf.js';
import { OperationError } from './errors.js';
import { notLoaded } from './native-errors.js';
import { findAddon } from './nativeFiles.js';
import { thisMachine } from './platform.js';

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
  hold(held: boolean): void;
};

type Addon = { open(onRing: () => void): NativeBridge };

/**
 * Loads the addon and the core, and opens an environment of it.
 *
 * @param onRing - Called when there is something to poll.
 * @throws OperationError with a code of `NativeErrorCode`, or `ERR_ABI_MISMATCH`.
 */
export function openNative(onRing: () => void): NativeBridge {
  let file = 'mscp.node';
  try {
    const addon = findAddon();
    file = addon.file;
    if (process.platform === 'linux') refuseTruncated(file);
    return (addon.load() as Addon).open(onRing);
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
