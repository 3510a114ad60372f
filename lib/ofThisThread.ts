import * as threads from 'node:worker_threads';

/**
 * What must not be cloned, nor posted to another thread: that throws DataCloneError. Node.js before 22.10 knows no way, and gives an
 * empty object.
 */
export const ofThisThread: (object: object) => void =
  (threads as { markAsUncloneable?: (object: object) => void }).markAsUncloneable ??
  (() => undefined);
