// To be imported before the core is opened: this process, and those that it starts, load the library with the hooks
// instead of the one that users have.
import { existsSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { Bridge } from '../../lib/bridge.js';
import type { HandleListener } from '../../lib/bridge.js';
import { methodNumbers } from '../../lib/wire.js';
import type { AnyEvent } from '../../lib/wire.js';
import { hookNumbers, hookedFolder, hooksFolder } from './messages.js';
import type { ECHO_TICK } from './messages.js';
import type { HookBodies, HookName, Tick } from './messages.js';

if (!existsSync(path.join(hookedFolder, 'mscp.node'))) {
  throw new Error(`${hookedFolder} is not built: node scripts/bootstrap.mjs --for=test`);
}
process.env['NODE_PATH'] = [hooksFolder, process.env['NODE_PATH']]
  .filter(Boolean)
  .join(path.delimiter);
// Node.js reads NODE_PATH when it starts.
(Module as unknown as { _initPaths(): void })._initPaths();
Object.assign(methodNumbers, hookNumbers);

export type HookedListener = Omit<HandleListener, 'event'> & {
  event?: (...args: AnyEvent | [event: typeof ECHO_TICK, body: Tick]) => void;
};

/** A bridge that knows the hooks. */
export type HookedBridge = Omit<Bridge, 'request' | 'listen'> & {
  request: Bridge['request'] &
    (<M extends HookName>(
      handle: number,
      method: M,
      params: HookBodies[M][0],
    ) => Promise<HookBodies[M][1]>);
  listen(handle: number, listener: HookedListener): void;
};

export function openHooked(): HookedBridge {
  return Bridge.open() as unknown as HookedBridge;
}
