import { WorkerCore } from './WorkerCore.js';
import type { WorkerLogLevel } from './WorkerCore.js';
import type { WorkerLease, WorkerProvider } from './WorkerProvider.js';

// device.load(), a transport and its tracks come one after the other: not a worker for each.
const LINGER_MS = 1000;

/**
 * The hidden worker of a `createFactory()`: opened at its first use, shared by its handlers and
 * tracks, closed when the last of them has ended, and opened again when there is need. By itself
 * it does not keep the process alive: open transports do.
 */
export class FactoryWorkers implements WorkerProvider {
  readonly #logLevel: WorkerLogLevel;
  #core: WorkerCore | undefined;
  #leases = new Set<WorkerLease>();
  #idle: NodeJS.Timeout | undefined;

  constructor(logLevel: WorkerLogLevel) {
    this.#logLevel = logLevel;
  }

  acquire(): WorkerLease {
    clearTimeout(this.#idle);
    const core = this.#liveCore();
    const leases = this.#leases;
    const lease: WorkerLease = {
      core,
      release: () => {
        leases.delete(lease);
        // Another worker may have taken the place of one that died.
        if (leases === this.#leases && leases.size === 0) this.#scheduleClose();
      },
    };
    leases.add(lease);
    return lease;
  }

  #liveCore(): WorkerCore {
    if (!this.#core || this.#core.ended) {
      this.#core = new WorkerCore(this.#logLevel, { keepAlive: false });
      this.#leases = new Set();
    }
    return this.#core;
  }

  #scheduleClose(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#core?.close();
      this.#core = undefined;
    }, LINGER_MS).unref();
  }
}
