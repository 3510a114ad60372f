import type { HandlerFactory } from './mediasoupClient.js';
import { createHandlerFactory } from '../handler/factory.js';
import type { FactoryOptions } from '../handler/factory.js';
import { assertLogLevel } from './Worker.js';
import { FactoryWorkers } from './FactoryWorkers.js';
import type { WorkerLogLevel } from './WorkerCore.js';

/**
 * Makes a handler factory for `new Device({ handlerFactory })` of mediasoup-client.
 *
 * The tracks given to `transport.produce()` are FakeMediaStreamTracks whose `data` names a source:
 * `{ sourceType: 'file', sourceValue: '/path/of/clip.mp4' }`, with `format`, `options`, `loop`,
 * `decode`, `hardwareAcceleration` and `timeout` (seconds) if wanted. Tracks of one factory that name the same source
 * share it: one reader, one clock. Each open transport keeps the process alive.
 *
 * @param logLevel - How much the core logs, through the `debug` package. Default `'none'`.
 * @param options - `forcedRtpExtensions`, as `new Device()` takes them for browsers.
 * @throws TypeError if `logLevel` is none of these, or an option is wrong.
 */
export function createFactory(
  logLevel: WorkerLogLevel = 'none',
  options: FactoryOptions = {},
): HandlerFactory {
  assertLogLevel(logLevel);
  return createHandlerFactory(new FactoryWorkers(logLevel), options);
}
