import type { WorkerCore } from './WorkerCore.js';

/** The right to use a worker until `release()`, which may be called twice. */
export interface WorkerLease {
  readonly core: WorkerCore;
  release(): void;
}

/** Where handlers and tracks get their worker from. */
export interface WorkerProvider {
  /** @throws InvalidStateError if there is no more worker to be had. */
  acquire(): WorkerLease;
}
