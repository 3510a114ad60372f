import { EnhancedEventEmitter } from '../lib/mediasoupClient.js';
import type {
  HandlerEvents,
  HandlerInterface,
  HandlerOptions,
  HandlerReceiveDataChannelOptions,
  HandlerReceiveDataChannelResult,
  HandlerReceiveOptions,
  HandlerReceiveResult,
  HandlerSendDataChannelOptions,
  HandlerSendDataChannelResult,
  HandlerSendOptions,
  HandlerSendResult,
  IceParameters,
  SctpStreamParameters,
} from '../lib/mediasoupClient.js';
import type { DataChannel } from '../lib/DataChannel.js';
import { InvalidStateError } from '../lib/errors.js';
import { Logger } from '../lib/Logger.js';
import { Peer } from '../lib/Peer.js';
import type { WorkerCore } from '../lib/WorkerCore.js';
import type { WorkerLease, WorkerProvider } from '../lib/WorkerProvider.js';
import { parseTransportOptions } from './configuration.js';
import { Connection } from './Connection.js';
import { parseIceServers } from './iceServers.js';
import { parseForcedRtpExtensions } from './headerExtensions.js';
import type { ForcedRtpExtensions } from './headerExtensions.js';
import { parseChannelOptions, parseIceParameters } from './options.js';
import { checkRemote } from './remote.js';

/** The name that apps of mediasoup-client-aiortc know. */
export const NAME = 'Aiortc';

/** What a factory adds to the options of a transport. */
export type TransportOptions = HandlerOptions & {
  forcedRtpExtensions?: ForcedRtpExtensions | undefined;
};

const logger = new Logger('Handler');

/**
 * mediasoup-client's handler: one transport, with a connection of its own. Each direction has what
 * the other refuses.
 */
export abstract class TransportHandler
  extends EnhancedEventEmitter<HandlerEvents>
  implements HandlerInterface
{
  readonly name = NAME;
  protected readonly options: HandlerOptions;
  protected readonly forced: ForcedRtpExtensions;
  protected readonly workers: WorkerProvider;
  protected readonly peer: Peer;
  protected readonly connection: Connection;
  /** Those that have not ended, by their SCTP stream. */
  protected readonly channels = new Map<number, DataChannel>();
  // Ends what the transport waits for.
  protected readonly closing = new AbortController();
  readonly #lease: WorkerLease;
  #closed = false;

  /**
   * @throws TypeError or UnsupportedError for an option that is wrong or cannot be honoured.
   * @throws InvalidStateError if the Worker is closed.
   */
  constructor(options: TransportOptions, workers: WorkerProvider) {
    super();
    checkRemote(options);
    logger.debug('constructor() [direction:%s]', options.direction);
    const peerOptions = parseTransportOptions(options);
    this.forced = parseForcedRtpExtensions(options.forcedRtpExtensions);
    this.options = options;
    this.workers = workers;
    this.#lease = workers.acquire();
    this.#lease.core.on('end', this.#onWorkerEnd);
    this.peer = new Peer(this.#lease.core, peerOptions);
    this.connection = new Connection(
      this.peer,
      options,
      (dtlsParameters) =>
        new Promise((resolve, reject) => {
          this.safeEmit('@connect', { dtlsParameters }, resolve, reject);
        }),
    );
    this.peer.on('connectionstatechange', (state) => {
      this.safeEmit('@connectionstatechange', state);
    });
    this.peer.on('icegatheringstatechange', (state) => {
      this.safeEmit('@icegatheringstatechange', state);
    });
    this.peer.on('icecandidateerror', (event) => {
      this.safeEmit('@icecandidateerror', event);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  override close(): void {
    if (this.#closed) return;
    logger.debug('close()');
    this.#closed = true;
    this.closing.abort();
    this.connection.stop(new InvalidStateError('the transport was closed', { code: 'ERR_CLOSED' }));
    this.#lease.core.off('end', this.#onWorkerEnd);
    this.peer.close();
    this.#lease.release();
    this.safeEmit('@close');
    super.close();
  }

  /** The servers are used by the next restart of ICE. */
  async updateIceServers(iceServers: RTCIceServer[]): Promise<void> {
    this.assertOpen();
    logger.debug('updateIceServers()');
    const servers = parseIceServers(iceServers);
    await this.connection.run(() => this.peer.setIceServers(servers));
  }

  async restartIce(iceParameters: IceParameters): Promise<void> {
    this.assertOpen();
    logger.debug('restartIce()');
    const parameters = parseIceParameters(iceParameters);
    await this.connection.run(() => this.connection.restartIce(parameters));
  }

  async getTransportStats(): Promise<RTCStatsReport> {
    this.assertOpen();
    return this.peer.getStats();
  }

  send(_options: HandlerSendOptions): Promise<HandlerSendResult> {
    return this.#refuse();
  }

  stopSending(_localId: string): Promise<void> {
    return this.#refuse();
  }

  pauseSending(_localId: string): Promise<void> {
    return this.#refuse();
  }

  resumeSending(_localId: string): Promise<void> {
    return this.#refuse();
  }

  replaceTrack(_localId: string, _track: MediaStreamTrack | null): Promise<void> {
    return this.#refuse();
  }

  setMaxSpatialLayer(_localId: string, _spatialLayer: number): Promise<void> {
    return this.#refuse();
  }

  setRtpEncodingParameters(
    _localId: string,
    _parameters: Partial<RTCRtpEncodingParameters>,
  ): Promise<void> {
    return this.#refuse();
  }

  getSenderStats(_localId: string): Promise<RTCStatsReport> {
    return this.#refuse();
  }

  sendDataChannel(_options: HandlerSendDataChannelOptions): Promise<HandlerSendDataChannelResult> {
    return this.#refuse();
  }

  receive(_optionsList: HandlerReceiveOptions[]): Promise<HandlerReceiveResult[]> {
    return this.#refuse();
  }

  stopReceiving(_localIds: string[]): Promise<void> {
    return this.#refuse();
  }

  pauseReceiving(_localIds: string[]): Promise<void> {
    return this.#refuse();
  }

  resumeReceiving(_localIds: string[]): Promise<void> {
    return this.#refuse();
  }

  getReceiverStats(_localId: string): Promise<RTCStatsReport> {
    return this.#refuse();
  }

  receiveDataChannel(
    _options: HandlerReceiveDataChannelOptions,
  ): Promise<HandlerReceiveDataChannelResult> {
    return this.#refuse();
  }

  abstract getDataChannelMaxMessageSize(): number | undefined;

  protected get core(): WorkerCore {
    return this.#lease.core;
  }

  protected async createDataChannel(parameters: SctpStreamParameters): Promise<DataChannel> {
    const init = parseChannelOptions(parameters, this.options.sctpParameters);
    const dataChannel = await this.peer.createDataChannel(init);
    this.channels.set(init.id, dataChannel);
    dataChannel.whenClosed(() => {
      // Another may have its stream by now.
      if (this.channels.get(init.id) === dataChannel) this.channels.delete(init.id);
    });
    try {
      await this.connection.announce();
      await this.connection.begin({ withChannels: true });
    } catch (error) {
      dataChannel.close();
      throw error;
    }
    return dataChannel;
  }

  protected assertOpen(): void {
    if (this.#closed) {
      throw new InvalidStateError('the transport is closed', { code: 'ERR_CLOSED' });
    }
  }

  readonly #onWorkerEnd = (error: Error | undefined): void => {
    this.safeEmit('@connectionstatechange', error ? 'failed' : 'closed');
    this.close();
  };

  #refuse(): Promise<never> {
    const { direction } = this.options;
    const other = direction === 'send' ? 'recv' : 'send';
    return Promise.reject(
      new InvalidStateError(
        `expected a transport whose direction is "${other}", got "${direction}"`,
      ),
    );
  }
}
