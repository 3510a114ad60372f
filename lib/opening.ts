import type { Bridge } from './bridge.js';
import { InvalidStateError, errorFromWire } from './errors.js';
import { Event } from './wire.js';
import type { EventBodies } from './wire.js';

type Done = typeof Event.SourceOpened | typeof Event.SourceProbed;

/**
 * Waits for what a worker opens under `handle`, which `OpeningClose` cancels: for the body of the
 * event that tells of it. Rejects with why it failed. The process is kept alive meanwhile.
 */
export async function untilOpened<E extends Done>(
  bridge: Bridge,
  handle: number,
  done: E,
): Promise<EventBodies[E]> {
  bridge.ref();
  try {
    return await new Promise<EventBodies[E]>((resolve, reject) => {
      bridge.listen(handle, {
        event: (event, body) => {
          if (event === Event.OpeningFailed) reject(errorFromWire(body));
          else if (event === done) resolve(body as EventBodies[E]);
        },
        closed: () => {
          reject(new InvalidStateError('the Worker is closed', { code: 'ERR_CLOSED' }));
        },
      });
    });
  } finally {
    bridge.unref();
  }
}
