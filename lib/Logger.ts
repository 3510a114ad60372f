import { debug as printDebug, error as printError, warn as printWarn } from 'node:console';
import debug from 'debug';

const APP_NAME = 'mediasoup-client-aiortc';

type Print = (format: string, ...args: unknown[]) => void;

/**
 * Log lines through the `debug` package, under `mediasoup-client-aiortc[:WARN|:ERROR][:prefix]`:
 * the namespaces that apps of mediasoup-client-aiortc already know.
 */
export class Logger {
  readonly #debug: debug.Debugger;
  readonly #warn: debug.Debugger;
  readonly #error: debug.Debugger;

  constructor(prefix?: string) {
    const suffix = prefix === undefined || prefix === '' ? '' : `:${prefix}`;
    this.#debug = debug(`${APP_NAME}${suffix}`);
    this.#warn = debug(`${APP_NAME}:WARN${suffix}`);
    this.#error = debug(`${APP_NAME}:ERROR${suffix}`);
    this.#debug.log = printDebug;
    this.#warn.log = printWarn;
    this.#error.log = printError;
  }

  get debug(): Print {
    return this.#debug;
  }

  get warn(): Print {
    return this.#warn;
  }

  get error(): Print {
    return this.#error;
  }
}
