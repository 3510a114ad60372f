import { assertObject } from '../lib/arguments.js';
import type { HandlerFactory, HandlerOptions } from '../lib/mediasoupClient.js';
import { Logger } from '../lib/Logger.js';
import { chooseNativePath } from '../lib/nativeFiles.js';
import { warnOfUnknownMembers } from '../lib/unknownMembers.js';
import type { WorkerProvider } from '../lib/WorkerProvider.js';
import {
  assertKnown,
  forceHeaderExtensions,
  parseForcedRtpExtensions,
} from './headerExtensions.js';
import type { ForcedRtpExtensions } from './headerExtensions.js';
import { oneOf, wrong } from './options.js';
import { ReceiveHandler } from './ReceiveHandler.js';
import { rtpCapabilities } from './rtpParameters.js';
import { SendHandler } from './SendHandler.js';
import { NAME } from './TransportHandler.js';

/** What applies to every transport of a factory: mediasoup-client's HandlerFactoryOptions. */
export type FactoryOptions = {
  /**
   * RTP header extensions, by their URI, that are to be used (true) or not (false); the others are
   * as ever. `abs-capture-time` is used only where it is asked for.
   */
  forcedRtpExtensions?: ForcedRtpExtensions;
  /** The folder of the native code, as {@link WorkerSettings.nativePath}. */
  nativePath?: string;
};

const logger = new Logger('Handler');

/**
 * Makes the handler factory whose transports live in the workers of `workers`.
 *
 * @throws TypeError for a wrong option.
 */
export function createHandlerFactory(
  workers: WorkerProvider,
  options: FactoryOptions = {},
): HandlerFactory {
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null) {
    throw wrong('options', 'an object', options);
  }
  warnOfUnknownMembers(logger, 'options', options, ['forcedRtpExtensions', 'nativePath']);
  const forcedRtpExtensions = parseForcedRtpExtensions(options.forcedRtpExtensions);
  // Last: it holds for the thread, and options that are refused change nothing.
  if (options.nativePath !== undefined) chooseNativePath(options.nativePath);
  return {
    name: NAME,
    factory: (options) => {
      assertObject(options, 'options', 'an object');
      const given = options as HandlerOptions;
      const Handler = given.direction === 'send' ? SendHandler : ReceiveHandler;
      // mediasoup-client exports its interface as an abstract class, but only the type of it.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
      return new Handler({ forcedRtpExtensions, ...given }, workers);
    },
    getNativeRtpCapabilities: async (options) => {
      assertObject(options, 'options', '{ direction }');
      const { direction } = options;
      oneOf('sendonly', 'recvonly')('direction', direction);
      logger.debug('getNativeRtpCapabilities() [direction:%s]', direction);
      const lease = workers.acquire();
      try {
        const capabilities = rtpCapabilities(await lease.core.capabilities(direction));
        assertKnown(capabilities, forcedRtpExtensions);
        return forceHeaderExtensions(capabilities, forcedRtpExtensions);
      } finally {
        lease.release();
      }
    },
  };
}
