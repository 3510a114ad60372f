import { Logger } from './Logger.js';
import { Worker } from './Worker.js';
import type { WorkerSettings } from './Worker.js';

const logger = new Logger();

/**
 * Makes a {@link Worker}, and resolves when it is open.
 *
 * @throws TypeError if a setting is wrong.
 * @throws Error if the native library of this package cannot be loaded.
 */
export async function createWorker(settings: WorkerSettings = {}): Promise<Worker> {
  logger.debug('createWorker()');
  const worker = new Worker(settings);
  await worker.opened();
  return worker;
}
