import { EnhancedEventEmitter } from './mediasoupClient.js';
import { Bridge } from './bridge.js';
import { reportDeath } from './crashReports.js';
import { InvalidStateError, WorkerDiedError } from './errors.js';
import { Logger } from './Logger.js';
import { untilOpened } from './opening.js';
import { permitted } from './permission.js';
import { Event, Method } from './wire.js';
import type {
  Capabilities,
  Death,
  LogLine,
  MethodName,
  Metrics,
  OpenedSource,
  Params,
  Result,
  SourceSpec,
  WorkerState,
} from './wire.js';

/** How much the core logs: each level with those after it. */
export type WorkerLogLevel = 'debug' | 'warn' | 'error' | 'none';

type WorkerCoreEvents = {
  /** The worker is open; an Error, after `end`, if it could not be opened. */
  opened: [Error | undefined];
  /** The worker takes no more requests; an Error if it died. */
  end: [Error | undefined];
  /** Everything that belonged to the worker is closed. */
  closed: [];
};

const logger = new Logger('Worker');

/** A worker inside the core: sources and peers that live and end together. */
export class WorkerCore extends EnhancedEventEmitter<WorkerCoreEvents> {
  readonly #bridge: Bridge;
  readonly #opened: Promise<number>;
  readonly #keepAlive: boolean;
  readonly #publicOnly: boolean;
  readonly #coreLoggers = new Map<string, Logger>();
  readonly #capabilities = new Map<string, Capabilities>();
  #ended: Error | undefined;
  #closed = false;

  /**
   * Begins to open a worker.
   *
   * @param keepAlive - Whether it keeps the process alive until it is closed.
   * @param publicOnly - Whether its sources connect to no private address.
   * @throws Error if the native library cannot be loaded.
   */
  constructor(
    logLevel: WorkerLogLevel,
    { keepAlive, publicOnly = false }: { keepAlive: boolean; publicOnly?: boolean },
  ) {
    super();
    this.#publicOnly = publicOnly;
    this.#bridge = Bridge.open();
    this.#keepAlive = keepAlive;
    if (keepAlive) this.#bridge.ref();
    this.#opened = this.#open(logLevel);
    this.#opened.then(
      () => this.safeEmit('opened', undefined),
      (error: unknown) => {
        this.#end(error as Error);
        this.safeEmit('opened', error as Error);
        this.#close();
      },
    );
  }

  /** Settles when the worker is open, or could not be opened. */
  async opened(): Promise<void> {
    await this.#opened;
  }

  get bridge(): Bridge {
    return this.#bridge;
  }

  /** Whether the worker takes no more requests. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Closes everything that belongs to the worker. `end` fires at once, `closed` when it is done. */
  override close(): void {
    if (this.#ended) return;
    this.#end(new InvalidStateError('the Worker is closed', { code: 'ERR_CLOSED' }));
    this.#opened
      .then((handle) => this.#bridge.request(handle, Method.WorkerClose, {}))
      .catch(() => undefined);
  }

  dump(): Promise<WorkerState> {
    return this.request(Method.WorkerDump, {});
  }

  getMetrics(): Promise<Metrics> {
    return this.request(Method.WorkerGetMetrics, {});
  }

  /** What can be sent or received. It is the same always. */
  async capabilities(direction: 'sendonly' | 'recvonly'): Promise<Capabilities> {
    const known = this.#capabilities.get(direction);
    if (known) return known;
    const capabilities = await this.request(Method.WorkerCapabilities, { direction });
    this.#capabilities.set(direction, capabilities);
    return capabilities;
  }

  /**
   * Opens a source. It rejects at once when the worker ends; `signal` cancels it: it rejects unless
   * it is open already.
   */
  async openSource(spec: SourceSpec, signal?: AbortSignal): Promise<OpenedSource> {
    const { handle } = await this.request(Method.WorkerOpenSource, this.#restrict(spec));
    const opening = untilOpened(this.#bridge, handle, Event.SourceOpened);
    const cancel = (): void => {
      // It may be open, or have failed, by now.
      this.#bridge.request(handle, Method.OpeningClose, {}).catch(() => undefined);
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
    try {
      return await this.#untilEnd(opening);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #restrict(given: SourceSpec): SourceSpec {
    const spec = permitted(given);
    if (!this.#publicOnly || spec.type === 'device') return spec;
    return { ...spec, options: { ...spec.options, public_only: '1' } };
  }

  /** Makes a request of the worker itself. */
  async request<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    this.#assertOpen();
    const handle = await this.#opened;
    this.#assertOpen();
    return await this.#bridge.request(handle, method, params);
  }

  async #untilEnd<T>(promise: Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const end = (): void => {
        if (this.#ended) reject(this.#ended);
      };
      end();
      this.on('end', end);
      promise.then(resolve, reject).finally(() => {
        this.off('end', end);
      });
    });
  }

  #assertOpen(): void {
    if (this.#ended) throw this.#ended;
  }

  async #open(logLevel: WorkerLogLevel): Promise<number> {
    const { handle } = await this.#bridge.request(0, Method.WorkerCreate, { logLevel });
    this.#bridge.listen(handle, {
      event: (event, body) => {
        if (event === Event.WorkerLog) this.#log(body);
        else if (event === Event.WorkerDied) this.#die(body);
      },
      closed: () => {
        this.#end(new InvalidStateError('the Worker is closed', { code: 'ERR_CLOSED' }));
        this.#close();
      },
    });
    return handle;
  }

  #die({ message, stack }: Death): void {
    logger.error('the core of a Worker died: %s\n%s', message, stack);
    const death = new WorkerDiedError(`the Worker died: ${message}`, stack);
    reportDeath(death);
    // What happens on the way out of a closed one ends nothing more.
    this.#end(death);
  }

  #end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.safeEmit('end', reason instanceof WorkerDiedError ? reason : undefined);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#keepAlive) this.#bridge.unref();
    this.safeEmit('closed');
    super.close();
  }

  #log({ level, scope, message }: LogLine): void {
    let scoped = this.#coreLoggers.get(scope);
    if (!scoped) {
      scoped = new Logger(`core:${scope}`);
      this.#coreLoggers.set(scope, scoped);
    }
    if (level === 'error') scoped.error('%s', message);
    else if (level === 'warn') scoped.warn('%s', message);
    else scoped.debug('%s', message);
  }
}
