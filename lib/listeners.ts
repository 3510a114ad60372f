import { getEventListeners } from 'node:events';

/** Whether somebody listens. */
export function hasListeners(target: EventTarget, type: string): boolean {
  try {
    return getEventListeners(target, type).length > 0;
  } catch {
    // It looks into each of them, and one may be a proxy that was revoked.
    return true;
  }
}
