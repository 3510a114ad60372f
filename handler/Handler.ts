import { randomUUID } from 'node:crypto';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { EnhancedEventEmitter } from '../lib/mediasoupClient.js';
import type {
  HandlerEvents,
  HandlerFactory,
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
import { ArgumentError, InvalidStateError, OperationError, describe } from '../lib/errors.js';
import { Logger } from '../lib/Logger.js';
import { Peer } from '../lib/Peer.js';
import { RTCRtpReceiver } from '../lib/RTCRtpReceiver.js';
import { RTCRtpSender } from '../lib/RTCRtpSender.js';
import type { RtpReceiver } from '../lib/RtpReceiver.js';
import type { RtpSender } from '../lib/RtpSender.js';
import { bindTrack, nativeTrackOf } from '../lib/tracks.js';
import { warnOfUnknownMembers } from '../lib/unknownMembers.js';
import type { WorkerLease, WorkerProvider } from '../lib/WorkerProvider.js';
import { parseTransportOptions } from './configuration.js';
import { parseIceServers } from './iceServers.js';
import {
  assertKnown,
  forceHeaderExtensions,
  parseForcedRtpExtensions,
} from './headerExtensions.js';
import type { ForcedRtpExtensions } from './headerExtensions.js';
import { Negotiation } from './Negotiation.js';
import {
  checkReceiveOptions,
  msidToken,
  parseChannelOptions,
  parseIceParameters,
  wrong,
} from './options.js';
import { LocalSdp } from './sdp.js';
import { parseSendOptions } from './sendOptions.js';

// The name that apps of mediasoup-client-aiortc know.
const NAME = 'Aiortc';
// Stream 65535 does not exist (RFC 8831).
const MAX_SCTP_STREAMS = 65535;

const logger = new Logger('Handler');

type Kind = 'audio' | 'video';
type Sending = { sender: RtpSender; rtpSender: RTCRtpSender };
/** What applies to every transport of a factory: mediasoup-client's HandlerFactoryOptions. */
export type FactoryOptions = {
  /**
   * RTP header extensions, by their URI, that are to be used (true) or not (false); the others are
   * as ever. `abs-capture-time` is used only where it is asked for.
   */
  forcedRtpExtensions?: ForcedRtpExtensions;
};
type Receiving = { receiver: RtpReceiver; track: FakeMediaStreamTrack };

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
  warnOfUnknownMembers(logger, 'options', options, ['forcedRtpExtensions']);
  const forcedRtpExtensions = parseForcedRtpExtensions(options.forcedRtpExtensions);
  return {
    name: NAME,
    // mediasoup-client exports its interface as an abstract class, but only the type of it.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    factory: (options) => new Handler({ forcedRtpExtensions, ...options }, workers),
    getNativeRtpCapabilities: async ({ direction }) => {
      logger.debug('getNativeRtpCapabilities() [direction:%s]', direction);
      const lease = workers.acquire();
      try {
        const sdp = await lease.core.capabilities(direction);
        const capabilities = new LocalSdp(sdp).rtpCapabilities();
        assertKnown(capabilities, forcedRtpExtensions);
        return forceHeaderExtensions(capabilities, forcedRtpExtensions);
      } finally {
        lease.release();
      }
    },
  };
}

/** mediasoup-client's handler: one transport, with a peer connection of its own. */
export class Handler extends EnhancedEventEmitter<HandlerEvents> implements HandlerInterface {
  readonly #options: HandlerOptions;
  readonly #workers: WorkerProvider;
  readonly #lease: WorkerLease;
  readonly #peer: Peer;
  readonly #negotiation: Negotiation;
  // Says that tracks sent without a stream id belong together.
  readonly #streamId = randomUUID();
  readonly #sendings = new Map<string, Sending>();
  readonly #receivings = new Map<string, Receiving>();
  readonly #channelIds = new Set<number>();
  #nextChannelId = 0;
  // Ends what the transport waits for.
  readonly #closing = new AbortController();
  #closed = false;

  /**
   * @throws TypeError or UnsupportedError for an option that is wrong or cannot be honoured.
   * @throws InvalidStateError if the Worker is closed.
   */
  constructor(options: HandlerOptions & FactoryOptions, workers: WorkerProvider) {
    super();
    logger.debug('constructor() [direction:%s]', options.direction);
    const peerOptions = parseTransportOptions(options);
    const forced = parseForcedRtpExtensions(options.forcedRtpExtensions);
    this.#options = options;
    this.#workers = workers;
    this.#lease = workers.acquire();
    this.#lease.core.on('end', this.#onWorkerEnd);
    this.#peer = new Peer(this.#lease.core, peerOptions);
    this.#negotiation = new Negotiation(
      this.#peer,
      options,
      forced,
      (dtlsParameters) =>
        new Promise((resolve, reject) => {
          this.safeEmit('@connect', { dtlsParameters }, resolve, reject);
        }),
    );
    this.#peer.on('connectionstatechange', (state) => {
      this.safeEmit('@connectionstatechange', state);
    });
    this.#peer.on('icegatheringstatechange', (state) => {
      this.safeEmit('@icegatheringstatechange', state);
    });
    this.#peer.on('icecandidateerror', (event) => {
      this.safeEmit('@icecandidateerror', event);
    });
  }

  get name(): string {
    return NAME;
  }

  get closed(): boolean {
    return this.#closed;
  }

  override close(): void {
    if (this.#closed) return;
    logger.debug('close()');
    this.#closed = true;
    this.#closing.abort();
    this.#negotiation.stop(
      new InvalidStateError('the transport was closed', { code: 'ERR_CLOSED' }),
    );
    this.#lease.core.off('end', this.#onWorkerEnd);
    // Before mediasoup-client stops them, which fires no `ended`.
    for (const { track } of this.#receivings.values()) track.remoteStop();
    this.#peer.close();
    this.#lease.release();
    this.safeEmit('@close');
    super.close();
  }

  /** The servers are used by the next restart of ICE. */
  async updateIceServers(iceServers: RTCIceServer[]): Promise<void> {
    this.#assertOpen();
    logger.debug('updateIceServers()');
    const servers = parseIceServers(iceServers);
    await this.#negotiation.run(() => this.#peer.setIceServers(servers));
  }

  async restartIce(iceParameters: IceParameters): Promise<void> {
    this.#assertOpen();
    logger.debug('restartIce()');
    const parameters = parseIceParameters(iceParameters);
    await this.#negotiation.run(() => this.#negotiation.restartIce(parameters));
  }

  async getTransportStats(): Promise<RTCStatsReport> {
    this.#assertOpen();
    return this.#peer.getStats();
  }

  async send(options: HandlerSendOptions): Promise<HandlerSendResult> {
    this.#assertOpen();
    this.#assertDirection('send');
    const { track, streamId = this.#streamId } = options;
    logger.debug('send() [kind:%s, track.id:%s, streamId:%s]', track.kind, track.id, streamId);
    const { encodings } = parseSendOptions(options);
    return this.#negotiation.run(async () => {
      const native = await nativeTrackOf(track, this.#workers, this.#closing.signal);
      const kind = track.kind as Kind;
      const trackId = msidToken(track.id);
      const adding = this.#peer.addSender({
        kind,
        track: native,
        trackIdentifier: track.id,
        streamId,
        trackId,
        encodings,
      });
      const sender = await native.untilEnded(adding);
      const rtpSender = new RTCRtpSender(sender, this.#workers, track, encodings);
      try {
        options.onRtpSender?.(rtpSender);
      } catch (error) {
        await sender.stop();
        throw error;
      }
      const msid = `${streamId} ${trackId}`;
      const rtpParameters = await this.#negotiation.addSender(
        sender,
        rtpSender,
        native,
        options,
        msid,
      );
      const localId = rtpParameters.mid;
      rtpSender.setNegotiated(rtpParameters);
      this.#sendings.set(localId, { sender, rtpSender });
      return { localId, rtpParameters, rtpSender };
    });
  }

  async stopSending(localId: string): Promise<void> {
    this.#assertDirection('send');
    logger.debug('stopSending() [localId:%s]', localId);
    if (this.#closed) return;
    await this.#negotiation.run(async () => {
      const { sender } = this.#sending(localId);
      this.#sendings.delete(localId);
      await this.#negotiation.removeSender(sender, localId);
    });
  }

  async pauseSending(localId: string): Promise<void> {
    await this.#setSendingPaused(localId, true);
  }

  async resumeSending(localId: string): Promise<void> {
    await this.#setSendingPaused(localId, false);
  }

  async replaceTrack(localId: string, track: MediaStreamTrack | null): Promise<void> {
    this.#assertOpen();
    this.#assertDirection('send');
    logger.debug('replaceTrack() [localId:%s, track.id:%s]', localId, track?.id);
    await this.#negotiation.run(async () => {
      await this.#sending(localId).rtpSender.replaceTrack(track);
    });
  }

  /** Makes the encodings up to that layer active, and those above not; one encoding is layer 0. */
  async setMaxSpatialLayer(localId: string, spatialLayer: number): Promise<void> {
    this.#assertOpen();
    this.#assertDirection('send');
    logger.debug('setMaxSpatialLayer() [localId:%s, spatialLayer:%s]', localId, spatialLayer);
    if (!Number.isInteger(spatialLayer) || spatialLayer < 0) {
      throw new ArgumentError(
        `spatialLayer: expected an integer from 0 on, got ${describe(spatialLayer)}`,
      );
    }
    await this.#setEncodings(localId, (_, index) => ({ active: index <= spatialLayer }));
  }

  async setRtpEncodingParameters(
    localId: string,
    parameters: Partial<RTCRtpEncodingParameters>,
  ): Promise<void> {
    this.#assertOpen();
    this.#assertDirection('send');
    logger.debug('setRtpEncodingParameters() [localId:%s, params:%o]', localId, parameters);
    await this.#setEncodings(localId, () => parameters);
  }

  async getSenderStats(localId: string): Promise<RTCStatsReport> {
    this.#assertOpen();
    this.#assertDirection('send');
    return this.#sending(localId).sender.getStats();
  }

  async sendDataChannel({
    sctpStreamParameters,
  }: HandlerSendDataChannelOptions): Promise<HandlerSendDataChannelResult> {
    this.#assertOpen();
    this.#assertDirection('send');
    logger.debug('sendDataChannel() [options:%o]', sctpStreamParameters);
    return this.#negotiation.run(async () => {
      const streamId = this.#takeChannelId();
      const dataChannel = await this.#createDataChannel({ ...sctpStreamParameters, streamId });
      const parameters: SctpStreamParameters = { ...sctpStreamParameters, streamId };
      // They go beside these, not in them.
      delete parameters.label;
      delete parameters.protocol;
      return { dataChannel, sctpStreamParameters: parameters };
    });
  }

  async receive(optionsList: HandlerReceiveOptions[]): Promise<HandlerReceiveResult[]> {
    this.#assertOpen();
    this.#assertDirection('recv');
    for (const options of optionsList) {
      logger.debug('receive() [trackId:%s, kind:%s]', options.trackId, options.kind);
      checkReceiveOptions(options);
    }
    return this.#negotiation.run(async () => {
      const added = await this.#negotiation.addReceivers(optionsList);
      const results = added.map(({ mid: localId, options, receiver }) => {
        const { trackId: id, kind, rtpParameters, onRtpReceiver } = options;
        const track = new FakeMediaStreamTrack({ kind, id, data: { remote: true } });
        bindTrack(track, receiver.track);
        this.#receivings.set(localId, { receiver, track });
        const rtpReceiver = new RTCRtpReceiver(receiver, track, rtpParameters);
        return { localId, track, rtpReceiver, onRtpReceiver };
      });
      try {
        for (const { onRtpReceiver, rtpReceiver } of results) onRtpReceiver?.(rtpReceiver);
      } catch (error) {
        await this.#stopReceiving(results.map(({ localId }) => localId));
        throw error;
      }
      return results.map(({ localId, track, rtpReceiver }) => ({ localId, track, rtpReceiver }));
    });
  }

  async stopReceiving(localIds: string[]): Promise<void> {
    this.#assertDirection('recv');
    logger.debug('stopReceiving() [localIds:%o]', localIds);
    if (this.#closed) return;
    await this.#negotiation.run(() => this.#stopReceiving(localIds));
  }

  async pauseReceiving(localIds: string[]): Promise<void> {
    await this.#setReceivingPaused(localIds, true);
  }

  async resumeReceiving(localIds: string[]): Promise<void> {
    await this.#setReceivingPaused(localIds, false);
  }

  async getReceiverStats(localId: string): Promise<RTCStatsReport> {
    this.#assertOpen();
    this.#assertDirection('recv');
    return this.#receiving(localId).receiver.getStats();
  }

  async receiveDataChannel({
    sctpStreamParameters,
    label = '',
    protocol = '',
  }: HandlerReceiveDataChannelOptions): Promise<HandlerReceiveDataChannelResult> {
    this.#assertOpen();
    this.#assertDirection('recv');
    logger.debug('receiveDataChannel() [options:%o]', sctpStreamParameters);
    return this.#negotiation.run(async () => ({
      dataChannel: await this.#createDataChannel({ ...sctpStreamParameters, label, protocol }),
    }));
  }

  getDataChannelMaxMessageSize(): number | undefined {
    const { direction, sctpParameters } = this.#options;
    return direction === 'send'
      ? sctpParameters?.maxReceiveMessageSize
      : sctpParameters?.maxSendMessageSize;
  }

  readonly #onWorkerEnd = (error: Error | undefined): void => {
    this.safeEmit('@connectionstatechange', error ? 'failed' : 'closed');
    this.close();
  };

  async #setSendingPaused(localId: string, paused: boolean): Promise<void> {
    this.#assertOpen();
    this.#assertDirection('send');
    logger.debug('%s() [localId:%s]', paused ? 'pauseSending' : 'resumeSending', localId);
    await this.#negotiation.run(() => this.#sending(localId).sender.setPaused(paused));
  }

  async #setEncodings(
    localId: string,
    changes: (
      encoding: RTCRtpEncodingParameters,
      index: number,
    ) => Partial<RTCRtpEncodingParameters>,
  ): Promise<void> {
    await this.#negotiation.run(async () => {
      const { rtpSender } = this.#sending(localId);
      const parameters = rtpSender.getParameters();
      parameters.encodings = parameters.encodings.map((encoding, index) => ({
        ...encoding,
        ...changes(encoding, index),
      }));
      await rtpSender.setParameters(parameters);
    });
  }

  async #stopReceiving(localIds: string[]): Promise<void> {
    const receivings = localIds.map((localId) => this.#receiving(localId));
    for (const localId of localIds) this.#receivings.delete(localId);
    for (const { track } of receivings) track.remoteStop();
    await this.#negotiation.removeReceivers(localIds);
  }

  async #setReceivingPaused(localIds: string[], paused: boolean): Promise<void> {
    this.#assertOpen();
    this.#assertDirection('recv');
    logger.debug('%s() [localIds:%o]', paused ? 'pauseReceiving' : 'resumeReceiving', localIds);
    await this.#negotiation.run(async () => {
      const receivings = localIds.map((localId) => this.#receiving(localId));
      await Promise.all(receivings.map(({ receiver }) => receiver.setPaused(paused)));
    });
  }

  async #createDataChannel(parameters: SctpStreamParameters): Promise<DataChannel> {
    const init = parseChannelOptions(parameters, this.#options.sctpParameters);
    const dataChannel = await this.#peer.createDataChannel(init);
    this.#channelIds.add(init.id);
    dataChannel.whenClosed(() => {
      this.#channelIds.delete(init.id);
    });
    try {
      await this.#negotiation.addApplicationSection();
    } catch (error) {
      dataChannel.close();
      throw error;
    }
    return dataChannel;
  }

  /** The next SCTP stream that no open channel has, within what the server takes. */
  #takeChannelId(): number {
    const streams = this.#options.sctpParameters?.MIS ?? MAX_SCTP_STREAMS;
    for (let tried = 0; tried < streams; tried += 1) {
      const id = this.#nextChannelId;
      this.#nextChannelId = (id + 1) % streams;
      if (!this.#channelIds.has(id)) return id;
    }
    throw new OperationError(`all ${streams} data channels of the transport are in use`);
  }

  #sending(localId: string): Sending {
    const sending = this.#sendings.get(localId);
    if (!sending) throw new InvalidStateError(`localId: nothing is sent as "${localId}"`);
    return sending;
  }

  #receiving(localId: string): Receiving {
    const receiving = this.#receivings.get(localId);
    if (!receiving) throw new InvalidStateError(`localId: nothing is received as "${localId}"`);
    return receiving;
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new InvalidStateError('the transport is closed', { code: 'ERR_CLOSED' });
    }
  }

  #assertDirection(direction: 'send' | 'recv'): void {
    if (this.#options.direction !== direction) {
      throw new InvalidStateError(
        `expected a transport whose direction is "${direction}", got "${this.#options.direction}"`,
      );
    }
  }
}
