import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeBridge } from '../../../lib/native.js';
import { Frame } from '../../../lib/wire.js';
import { hookedFolder, otherBuild } from '../../hooks/messages.js';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where the addon and the Go library that users have lie, or those of another build. */
export const nativeFolder =
  otherBuild === undefined
    ? path.join(root, 'build', `${process.platform}-${process.arch}`)
    : hookedFolder;

const require = createRequire(import.meta.url);

/** Opens an environment of its own, below lib/bridge.ts. */
export function openRaw(onRing: () => void, folder = nativeFolder): NativeBridge {
  const addon = require(path.join(folder, 'mscp.node')) as {
    open(onRing: () => void): NativeBridge;
  };
  return addon.open(onRing);
}

/** Every record that is there to poll, as [type, handle, number, payload]. */
export function* pollAll(native: NativeBridge): Generator<[number, number, number, Buffer]> {
  const view = new DataView(native.batch);
  for (let length = native.poll(); length > 0; length = native.poll()) {
    for (let at = 0; at < length; at += view.getUint32(at, true)) {
      const start = at + Frame.HeaderSize;
      const end = start + view.getUint32(at + Frame.LengthOffset, true);
      yield [
        view.getUint8(at + Frame.TypeOffset),
        view.getFloat64(at + Frame.HandleOffset, true),
        view.getUint32(at + Frame.NumberOffset, true),
        Buffer.from(native.batch.slice(start, end)),
      ];
    }
  }
}
