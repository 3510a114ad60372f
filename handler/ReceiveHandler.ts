import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { assertArray, assertObject } from '../lib/arguments.js';
import type {
  HandlerReceiveDataChannelOptions,
  HandlerReceiveDataChannelResult,
  HandlerReceiveOptions,
  HandlerReceiveResult,
} from '../lib/mediasoupClient.js';
import { ArgumentError, InvalidStateError, OperationError, describe } from '../lib/errors.js';
import { Logger } from '../lib/Logger.js';
import { RTCRtpReceiver } from '../lib/RTCRtpReceiver.js';
import type { RtpReceiver } from '../lib/RtpReceiver.js';
import { bindTrack } from '../lib/tracks.js';
import { checkReceiveOptions } from './receiveOptions.js';
import { coreParameters } from './rtpParameters.js';
import { TransportHandler } from './TransportHandler.js';

const logger = new Logger('Handler');

type Receiving = { receiver: RtpReceiver; track: FakeMediaStreamTrack };

/** The handler of a transport that receives. */
export class ReceiveHandler extends TransportHandler {
  readonly #receivings = new Map<string, Receiving>();
  #nextLocalId = 0;

  override close(): void {
    // Before mediasoup-client stops them, which fires no `ended`.
    if (!this.closed) for (const { track } of this.#receivings.values()) track.remoteStop();
    super.close();
  }

  override async receive(optionsList: HandlerReceiveOptions[]): Promise<HandlerReceiveResult[]> {
    this.assertOpen();
    assertArray(optionsList, 'optionsList');
    for (const [index, options] of optionsList.entries()) {
      checkReceiveOptions(options, `optionsList[${index}]`);
      logger.debug('receive() [trackId:%s, kind:%s]', options.trackId, options.kind);
    }
    return this.connection.run(async () => {
      const added: string[] = [];
      try {
        await this.connection.announce();
        const results: HandlerReceiveResult[] = [];
        for (const options of optionsList) {
          const localId = this.#newLocalId(options);
          const { receiver, track } = await this.#add(localId, options);
          this.#receivings.set(localId, { receiver, track });
          added.push(localId);
          const rtpReceiver = new RTCRtpReceiver(receiver, track, options.rtpParameters);
          results.push({ localId, track, rtpReceiver });
        }
        await this.connection.begin();
        for (const [index, { onRtpReceiver }] of optionsList.entries()) {
          const { rtpReceiver } = results[index] ?? {};
          if (rtpReceiver) onRtpReceiver?.(rtpReceiver);
        }
        return results;
      } catch (error) {
        await this.#takeBack(added);
        throw error;
      }
    });
  }

  override async stopReceiving(localIds: string[]): Promise<void> {
    logger.debug('stopReceiving() [localIds:%o]', localIds);
    if (this.closed) return;
    await this.connection.run(() => this.#stop(localIds));
  }

  override async pauseReceiving(localIds: string[]): Promise<void> {
    await this.#setPaused(localIds, true);
  }

  override async resumeReceiving(localIds: string[]): Promise<void> {
    await this.#setPaused(localIds, false);
  }

  override async getReceiverStats(localId: string): Promise<RTCStatsReport> {
    this.assertOpen();
    return this.#receiving(localId).receiver.getStats();
  }

  override async receiveDataChannel(
    options: HandlerReceiveDataChannelOptions,
  ): Promise<HandlerReceiveDataChannelResult> {
    this.assertOpen();
    assertObject(options, 'options', '{ sctpStreamParameters }');
    const { sctpStreamParameters, label = '', protocol = '' } = options;
    assertObject(sctpStreamParameters, 'sctpStreamParameters', 'an object');
    logger.debug('receiveDataChannel() [options:%o]', sctpStreamParameters);
    return this.connection.run(async () => {
      this.#assertFree(sctpStreamParameters.streamId);
      return {
        dataChannel: await this.createDataChannel({ ...sctpStreamParameters, label, protocol }),
      };
    });
  }

  override getDataChannelMaxMessageSize(): number | undefined {
    return this.options.sctpParameters?.maxSendMessageSize;
  }

  /** The mid that the server gave, or one of our own, which goes nowhere. */
  #newLocalId({ rtpParameters: { mid } }: HandlerReceiveOptions): string {
    const localId = mid ?? `local-${this.#nextLocalId++}`;
    if (!this.#receivings.has(localId)) return localId;
    throw new ArgumentError(
      `rtpParameters.mid: expected one that is not received yet, got "${localId}": was consume() called twice for one ` +
        'consumer of the server?',
    );
  }

  /** Two channels of one stream would take each other's messages, and end each other. */
  #assertFree(streamId: number | undefined): void {
    const channel = streamId === undefined ? undefined : this.channels.get(streamId);
    if (channel?.readyState !== 'connecting' && channel?.readyState !== 'open') return;
    throw new OperationError(
      `sctpStreamParameters.streamId: ${streamId} is of a channel that is open; was consumeData() called twice for one data consumer?`,
    );
  }

  async #add(localId: string, options: HandlerReceiveOptions): Promise<Receiving> {
    const { trackId: id, kind, rtpParameters } = options;
    const [encoding = {}] = rtpParameters.encodings ?? [];
    const { ssrc = 0, rtx } = encoding;
    const receiver = await this.peer.addReceiver({
      kind,
      trackIdentifier: id,
      parameters: coreParameters({ ...rtpParameters, mid: localId }),
      stream: { ssrc, ...(rtx ? { rtxSsrc: rtx.ssrc } : {}) },
    });
    const track = new FakeMediaStreamTrack({ kind, id, data: { remote: true } });
    bindTrack(track, receiver.track);
    return { receiver, track };
  }

  async #stop(localIds: string[]): Promise<void> {
    const receivings = this.#receivingsOf(localIds);
    for (const localId of localIds) this.#receivings.delete(localId);
    for (const { track } of receivings) track.remoteStop();
    await Promise.all(receivings.map(({ receiver }) => receiver.stop()));
  }

  async #takeBack(localIds: string[]): Promise<void> {
    if (this.closed) return;
    try {
      await this.#stop(localIds);
    } catch (error) {
      logger.warn('receivers that failed were not stopped: %s', (error as Error).message);
    }
  }

  async #setPaused(localIds: string[], paused: boolean): Promise<void> {
    this.assertOpen();
    logger.debug('%s() [localIds:%o]', paused ? 'pauseReceiving' : 'resumeReceiving', localIds);
    await this.connection.run(async () => {
      const receivings = this.#receivingsOf(localIds);
      await Promise.all(receivings.map(({ receiver }) => receiver.setPaused(paused)));
    });
  }

  #receivingsOf(localIds: string[]): Receiving[] {
    assertArray(localIds, 'localIds');
    // Also where one is missing, which map() leaves out.
    return Array.from(localIds, (localId) => this.#receiving(localId));
  }

  #receiving(localId: string): Receiving {
    const receiving = this.#receivings.get(localId);
    if (receiving) return receiving;
    throw new InvalidStateError(`localId: nothing is received as ${describe(localId)}`);
  }
}
