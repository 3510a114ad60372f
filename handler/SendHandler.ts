import { randomUUID } from 'node:crypto';
import {
  getSendingRemoteRtpParameters,
  getSendingRtpParameters,
  reduceCodecs,
} from 'mediasoup-client/ortc';
import { assertObject } from '../lib/arguments.js';
import type {
  HandlerSendDataChannelOptions,
  HandlerSendDataChannelResult,
  HandlerSendOptions,
  HandlerSendResult,
  RtpParameters,
  SctpStreamParameters,
} from '../lib/mediasoupClient.js';
import { ArgumentError, InvalidStateError, OperationError, describe } from '../lib/errors.js';
import { Logger } from '../lib/Logger.js';
import type { NativeTrack } from '../lib/NativeTrack.js';
import { RTCRtpSender } from '../lib/RTCRtpSender.js';
import type { RtpSender } from '../lib/RtpSender.js';
import { nativeTrackOf } from '../lib/tracks.js';
import { applyCodecOptions } from './codecOptions.js';
import { chooseCodec } from './codecs.js';
import { extensionsOf, forceHeaderExtensions } from './headerExtensions.js';
import { msidToken } from './options.js';
import { coreParameters, rtpCapabilitiesOf } from './rtpParameters.js';
import type { Kind } from './rtpParameters.js';
import { whenProduced } from './producing.js';
import { parseSendOptions } from './sendOptions.js';
import { TransportHandler } from './TransportHandler.js';

// Stream 65535 does not exist (RFC 8831).
const MAX_SCTP_STREAMS = 65535;

const logger = new Logger('Handler');

/** A sender, and what ends its waiting for the Producer. */
type Sending = { sender: RtpSender; rtpSender: RTCRtpSender; stopWaiting: () => void };
/** What the server is told of a sender, and what of the server's goes to the core. */
type Agreed = { sent: RtpParameters; taken: RtpParameters };

/** The handler of a transport that sends. */
export class SendHandler extends TransportHandler {
  // Says that tracks sent without a stream id belong together.
  readonly #streamId = randomUUID();
  readonly #sendings = new Map<string, Sending>();
  #nextMid = 0;
  #nextChannelId = 0;

  override close(): void {
    for (const { stopWaiting } of this.#sendings.values()) stopWaiting();
    super.close();
  }

  override async send(options: HandlerSendOptions): Promise<HandlerSendResult> {
    this.assertOpen();
    assertObject(options, 'options', 'an object');
    const { track, streamId = this.#streamId } = options;
    assertObject(track, 'track', 'a MediaStreamTrack');
    logger.debug('send() [kind:%s, track.id:%s, streamId:%s]', track.kind, track.id, streamId);
    const { encodings } = parseSendOptions(options);
    return this.connection.run(async () => {
      const native = await this.#open(track);
      const adding = this.peer.addSender({
        kind: track.kind as Kind,
        track: native,
        trackIdentifier: track.id,
        encodings,
        held: true,
      });
      const sender = await native.untilEnded(adding);
      const rtpSender = new RTCRtpSender(sender, this.#open, track, encodings);
      try {
        options.onRtpSender?.(rtpSender);
        const [held, rtpParameters] = await this.#begin(
          sender,
          rtpSender,
          native,
          options,
          streamId,
        );
        const localId = rtpParameters.mid;
        rtpSender.setNegotiated(rtpParameters);
        const stopWaiting = held && !this.closed ? this.#wait(track, sender) : () => undefined;
        this.#sendings.set(localId, { sender, rtpSender, stopWaiting });
        return { localId, rtpParameters, rtpSender };
      } catch (error) {
        await this.#takeBack(sender);
        throw error;
      }
    });
  }

  override async stopSending(localId: string): Promise<void> {
    logger.debug('stopSending() [localId:%s]', localId);
    if (this.closed) return;
    await this.connection.run(async () => {
      const { sender, stopWaiting } = this.#sending(localId);
      stopWaiting();
      this.#sendings.delete(localId);
      await sender.stop();
    });
  }

  override async pauseSending(localId: string): Promise<void> {
    await this.#setPaused(localId, true);
  }

  override async resumeSending(localId: string): Promise<void> {
    await this.#setPaused(localId, false);
  }

  override async replaceTrack(localId: string, track: MediaStreamTrack | null): Promise<void> {
    this.assertOpen();
    logger.debug('replaceTrack() [localId:%s, track.id:%s]', localId, track?.id);
    await this.connection.run(async () => {
      await this.#sending(localId).rtpSender.replaceTrack(track);
    });
  }

  /** Makes the encodings up to that layer active, and those above not; one encoding is layer 0. */
  override async setMaxSpatialLayer(localId: string, spatialLayer: number): Promise<void> {
    this.assertOpen();
    logger.debug('setMaxSpatialLayer() [localId:%s, spatialLayer:%s]', localId, spatialLayer);
    if (!Number.isInteger(spatialLayer) || spatialLayer < 0) {
      throw new ArgumentError(
        `spatialLayer: expected an integer from 0 on, got ${describe(spatialLayer)}`,
      );
    }
    await this.#setEncodings(localId, (_, index) => ({ active: index <= spatialLayer }));
  }

  override async setRtpEncodingParameters(
    localId: string,
    parameters: Partial<RTCRtpEncodingParameters>,
  ): Promise<void> {
    this.assertOpen();
    logger.debug('setRtpEncodingParameters() [localId:%s, params:%o]', localId, parameters);
    await this.#setEncodings(localId, () => parameters);
  }

  override async getSenderStats(localId: string): Promise<RTCStatsReport> {
    this.assertOpen();
    return this.#sending(localId).sender.getStats();
  }

  override async sendDataChannel(
    options: HandlerSendDataChannelOptions,
  ): Promise<HandlerSendDataChannelResult> {
    this.assertOpen();
    assertObject(options, 'options', '{ sctpStreamParameters }');
    const { sctpStreamParameters } = options;
    assertObject(sctpStreamParameters, 'sctpStreamParameters', 'an object');
    logger.debug('sendDataChannel() [options:%o]', sctpStreamParameters);
    return this.connection.run(async () => {
      const streamId = this.#takeChannelId();
      const dataChannel = await this.createDataChannel({ ...sctpStreamParameters, streamId });
      const parameters: SctpStreamParameters = { ...sctpStreamParameters, streamId };
      // They go beside these, not in them.
      delete parameters.label;
      delete parameters.protocol;
      return { dataChannel, sctpStreamParameters: parameters };
    });
  }

  override getDataChannelMaxMessageSize(): number | undefined {
    return this.options.sctpParameters?.maxReceiveMessageSize;
  }

  /** What a track stands for; its opening ends with the transport, unless others wait for it. */
  readonly #open = (track: MediaStreamTrack): Promise<NativeTrack> =>
    nativeTrackOf(track, this.workers, this.closing.signal);

  /** Begins to send; resolves to whether the track waits for its Producer, and what the server is to be told. */
  async #begin(
    sender: RtpSender,
    rtpSender: RTCRtpSender,
    native: NativeTrack,
    options: HandlerSendOptions,
    streamId: string,
  ): Promise<[held: boolean, told: RtpParameters & { mid: string }]> {
    const { track, encodings } = options;
    const { sent, taken } = await this.#agree(native, options);
    // It throws where the codec has no such layers.
    const layers = await rtpSender.settle(sent.codecs[0]?.mimeType ?? '');
    await this.connection.announce();
    const mid = String(this.#nextMid);
    this.#nextMid += 1;
    const held = await sender.send(coreParameters({ ...taken, mid }));
    await this.connection.begin();
    const hasRtx = sent.codecs.length > 1;
    const told = {
      ...sent,
      mid,
      msid: `${streamId} ${msidToken(track.id)}`,
      encodings: sender.streams.map(({ ssrc, rtxSsrc }, index) => ({
        ssrc,
        ...(hasRtx && rtxSsrc !== undefined ? { rtx: { ssrc: rtxSsrc } } : {}),
        ...encodings?.[index],
        ...layers[index],
      })),
      rtcp: { ...sent.rtcp, cname: streamId },
    };
    return [held, told];
  }

  /** Lets the track play once its Producer exists; what is returned ends the waiting. */
  #wait(track: MediaStreamTrack, sender: RtpSender): () => void {
    return whenProduced(track, () => {
      sender.begin().catch((error: unknown) => {
        logger.debug('a track waited for a sender that is gone: %s', (error as Error).message);
      });
    });
  }

  /** Works out in which codec a track is sent, and how. */
  async #agree(native: NativeTrack, options: HandlerSendOptions): Promise<Agreed> {
    const { codec, encodings, codecOptions } = options;
    const kind = options.track.kind as Kind;
    const forced = { ...this.forced, ...extensionsOf(options) };
    const local = rtpCapabilitiesOf(kind, await this.core.capabilities('sendonly'));
    const extended = this.options.getSendExtendedRtpCapabilities(
      forceHeaderExtensions(local, forced),
    );
    const sent = getSendingRtpParameters(kind, extended);
    const taken = getSendingRemoteRtpParameters(kind, extended);
    // This throws if the codec is not one that both sides, and the track, have.
    const isSimulcast = (encodings?.length ?? 0) > 1;
    const chosen = await chooseCodec(kind, native, taken.codecs, codec, isSimulcast);
    sent.codecs = structuredClone(reduceCodecs(sent.codecs, chosen));
    taken.codecs = structuredClone(reduceCodecs(taken.codecs, chosen));
    applyCodecOptions(sent.codecs, taken.codecs, (codecOptions as object | null | undefined) ?? {});
    return { sent, taken };
  }

  async #takeBack(sender: RtpSender): Promise<void> {
    if (this.closed) return;
    try {
      await sender.stop();
    } catch (error) {
      logger.warn('a sender that failed was not stopped: %s', (error as Error).message);
    }
  }

  async #setPaused(localId: string, paused: boolean): Promise<void> {
    this.assertOpen();
    logger.debug('%s() [localId:%s]', paused ? 'pauseSending' : 'resumeSending', localId);
    await this.connection.run(() => this.#sending(localId).sender.setPaused(paused));
  }

  async #setEncodings(
    localId: string,
    changes: (
      encoding: RTCRtpEncodingParameters,
      index: number,
    ) => Partial<RTCRtpEncodingParameters>,
  ): Promise<void> {
    await this.connection.run(async () => {
      const { rtpSender } = this.#sending(localId);
      const parameters = rtpSender.getParameters();
      parameters.encodings = parameters.encodings.map((encoding, index) => ({
        ...encoding,
        ...changes(encoding, index),
      }));
      await rtpSender.setParameters(parameters);
    });
  }

  /** The next SCTP stream that no open channel has, within what the server takes. */
  #takeChannelId(): number {
    const streams = this.options.sctpParameters?.MIS ?? MAX_SCTP_STREAMS;
    for (let tried = 0; tried < streams; tried += 1) {
      const id = this.#nextChannelId;
      this.#nextChannelId = (id + 1) % streams;
      if (!this.channels.has(id)) return id;
    }
    throw new OperationError(`all ${streams} data channels of the transport are in use`);
  }

  #sending(localId: string): Sending {
    const sending = this.#sendings.get(localId);
    if (sending) return sending;
    throw new InvalidStateError(`localId: nothing is sent as ${describe(localId)}`);
  }
}
