import type { ConnectionState, IceGatheringState } from './mediasoupClient.js';
import { EnhancedEventEmitter } from './mediasoupClient.js';
import type { Bridge } from './bridge.js';
import { DataChannel } from './DataChannel.js';
import type { DataChannelInit } from './DataChannel.js';
import { InvalidStateError } from './errors.js';
import { IceCandidateErrorEvent } from './IceCandidateErrorEvent.js';
import { Logger } from './Logger.js';
import { NativeTrack } from './NativeTrack.js';
import { assertMayConnect } from './permission.js';
import { RtpReceiver } from './RtpReceiver.js';
import { RtpSender } from './RtpSender.js';
import { StatsReport } from './StatsReport.js';
import type { StatsEntry } from './StatsReport.js';
import { Event, Method } from './wire.js';
import type {
  AnyEvent,
  Encoding,
  Fingerprint,
  ICEServer as IceServer,
  MethodName,
  Params,
  PeerOptions,
  ReceiverOptions,
  Remote,
  Result,
} from './wire.js';
import type { WorkerCore } from './WorkerCore.js';

/** What a {@link Peer} is to send. */
export type PeerSenderOptions = {
  kind: 'audio' | 'video';
  track: NativeTrack;
  /** The track's id in stats. */
  trackIdentifier: string;
  encodings: Encoding[];
  /** A track that has a beginning waits for `begin()`. */
  held?: boolean;
};

type PeerEvents = {
  connectionstatechange: [ConnectionState];
  icegatheringstatechange: [IceGatheringState];
  icecandidateerror: [IceCandidateErrorEvent];
};

const logger = new Logger('Peer');

/**
 * A connection of the core, and what is sent and received over it. It keeps the process alive until
 * it is closed.
 */
export class Peer extends EnhancedEventEmitter<PeerEvents> {
  readonly #worker: WorkerCore;
  readonly #bridge: Bridge;
  readonly #opened: Promise<number>;
  #closed = false;

  /** Begins to open a peer connection. If that fails, every method rejects with the reason. */
  constructor(worker: WorkerCore, options: PeerOptions) {
    super();
    this.#worker = worker;
    this.#bridge = worker.bridge;
    this.#bridge.ref();
    this.#opened = this.#open(options);
    this.#opened.catch((error: unknown) => {
      if (this.#closed) return;
      logger.error('a peer connection could not be opened: %s', (error as Error).message);
      this.safeEmit('connectionstatechange', 'failed');
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Closes the connection and all that belongs to it. No event fires after it. */
  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    super.close();
    this.#bridge.unref();
    this.#opened
      .then((handle) => this.#bridge.request(handle, Method.PeerClose, {}))
      .catch(() => undefined);
  }

  /** Those of the connection's certificate. */
  async fingerprints(): Promise<Fingerprint[]> {
    const { fingerprints } = await this.#request(Method.PeerFingerprints, {});
    return fingerprints;
  }

  /** Begins to connect, with SCTP once there is a data channel. What is in force is left alone. */
  async connect(remote: Remote): Promise<void> {
    await this.#request(Method.PeerConnect, remote);
  }

  /** Begins ICE anew, with the server's new credentials. */
  async restartIce(iceParameters: Remote['iceParameters']): Promise<void> {
    await this.#request(Method.PeerRestartIce, iceParameters);
  }

  /** Replaces the ICE servers; the next gathering uses them. */
  async setIceServers(iceServers: IceServer[]): Promise<void> {
    await this.#request(Method.PeerSetIceServers, { iceServers });
  }

  /** Makes a sender of a track, which sends once it is told its parameters. */
  async addSender({ track, ...options }: PeerSenderOptions): Promise<RtpSender> {
    const params = { ...options, track: track.handle };
    const { handle, streams } = await this.#request(Method.PeerAddSender, params);
    return new RtpSender(this.#bridge, handle, streams);
  }

  /** Receives a stream from now on. */
  async addReceiver(options: ReceiverOptions): Promise<RtpReceiver> {
    const { handle, track } = await this.#request(Method.PeerAddReceiver, options);
    return new RtpReceiver(this.#bridge, handle, new NativeTrack(this.#bridge, track));
  }

  /** Creates a data channel with a negotiated id. */
  async createDataChannel(init: DataChannelInit): Promise<DataChannel> {
    const { label, protocol, id, ordered, maxPacketLifeTime, maxRetransmits } = init;
    const { handle } = await this.#request(Method.PeerCreateDataChannel, {
      label,
      protocol,
      id,
      ordered,
      ...(maxPacketLifeTime === undefined ? {} : { maxPacketLifeTime }),
      ...(maxRetransmits === undefined ? {} : { maxRetransmits }),
    });
    return new DataChannel(this.#bridge, handle, init);
  }

  async getStats(): Promise<StatsReport> {
    const { entries } = await this.#request(Method.PeerGetStats, {});
    return new StatsReport(entries as StatsEntry[]);
  }

  async #request<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    this.#assertOpen();
    const handle = await this.#opened;
    this.#assertOpen();
    return await this.#bridge.request(handle, method, params);
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new InvalidStateError('the transport is closed', { code: 'ERR_CLOSED' });
    }
  }

  async #open(options: PeerOptions): Promise<number> {
    assertMayConnect('a transport');
    const { handle } = await this.#worker.request(Method.WorkerCreatePeer, options);
    this.#bridge.listen(handle, {
      event: (...event) => {
        if (!this.#closed) this.#onEvent(event);
      },
      closed: () => {
        if (this.#closed) return;
        this.safeEmit('connectionstatechange', 'closed');
        this.close();
      },
    });
    return handle;
  }

  #onEvent([event, body]: AnyEvent): void {
    switch (event) {
      case Event.PeerConnectionState:
        this.safeEmit('connectionstatechange', body.state as ConnectionState);
        break;
      case Event.PeerIceGatheringState:
        this.safeEmit('icegatheringstatechange', body.state as IceGatheringState);
        break;
      case Event.PeerIceCandidateError:
        this.safeEmit('icecandidateerror', new IceCandidateErrorEvent(body));
        break;
      default:
    }
  }
}
