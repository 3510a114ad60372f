import { randomInt } from 'node:crypto';
import {
  getSendingRemoteRtpParameters,
  getSendingRtpParameters,
  reduceCodecs,
} from 'mediasoup-client/ortc';
import type {
  DtlsParameters,
  DtlsRole,
  HandlerOptions,
  HandlerReceiveOptions,
  HandlerSendOptions,
  IceParameters,
  RtpParameters,
} from '../lib/mediasoupClient.js';
import { ArgumentError } from '../lib/errors.js';
import { Logger } from '../lib/Logger.js';
import type { NativeTrack } from '../lib/NativeTrack.js';
import type { Peer } from '../lib/Peer.js';
import type { RtpReceiver } from '../lib/RtpReceiver.js';
import type { RTCRtpSender } from '../lib/RTCRtpSender.js';
import type { RtpSender } from '../lib/RtpSender.js';
import { SerialQueue } from '../lib/SerialQueue.js';
import { chooseCodec } from './codecs.js';
import { extensionsOf, forceHeaderExtensions } from './headerExtensions.js';
import type { ForcedRtpExtensions } from './headerExtensions.js';
import { LocalSdp, RemoteSdp, msidStreamId, remoteOffer, sendingParameters, sends } from './sdp.js';
import type { MediaSection } from './sdp.js';

/** Tells the app's server our DTLS parameters. */
type Connect = (dtlsParameters: DtlsParameters) => Promise<void>;
/** What the server is told of a sender. */
export type SentParameters = RtpParameters & { mid: string };
type AddSection = (section: MediaSection, index: number) => void;

// Room for one of retransmissions beside it.
const MAX_SSRC = 2 ** 32 - 1;

const logger = new Logger('Negotiation');

/**
 * The offers and answers between a Peer and the server, whose half mediasoup-client writes. What
 * fails is taken back, so that the transport can be used on.
 */
export class Negotiation {
  readonly #peer: Peer;
  readonly #options: HandlerOptions;
  readonly #forced: ForcedRtpExtensions;
  readonly #connect: Connect;
  readonly #localRole: DtlsRole;
  readonly #queue = new SerialQueue();
  // The sections that send, by their mid.
  readonly #sending = new Set<string>();
  // The sections that the server sends: the SSRC of each, by its mid.
  readonly #receiving = new Map<string, number | undefined>();
  // The section that could not be received nor be closed.
  readonly #disabled = new Set<string>();
  readonly #remoteSdp: RemoteSdp;
  #connected = false;
  // Whether descriptions of both sides are set.
  #isInForce = false;
  #hasApplicationSection = false;
  #isApplicationInForce = false;
  #nextMid = 0;

  constructor(peer: Peer, options: HandlerOptions, forced: ForcedRtpExtensions, connect: Connect) {
    this.#peer = peer;
    this.#options = options;
    this.#forced = forced;
    this.#connect = connect;
    // The opposite of the server's role, if that is settled.
    this.#localRole = options.dtlsParameters.role === 'client' ? 'server' : 'client';
    this.#remoteSdp = this.#newRemoteSdp();
  }

  /** Runs tasks that negotiate one after the other. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(task);
  }

  /** Rejects what has not settled with `reason`, and what comes later. */
  stop(reason: Error): void {
    this.#queue.stop(reason);
  }

  /** Negotiates the section of a new sender; if that fails, stops it. */
  async addSender(
    sender: RtpSender,
    rtpSender: RTCRtpSender,
    track: NativeTrack,
    options: HandlerSendOptions,
    msid: string,
  ): Promise<SentParameters> {
    let added: SentParameters | undefined;
    try {
      await this.#offer(async (local) => {
        const addSection = await this.#prepareSender(local, rtpSender, track, options);
        return (section, index) => {
          const isNew = section.type === options.track.kind && sends(section, msid);
          if (!isNew || this.#sending.has(String(section.mid))) return;
          added = addSection(section, index, msid);
        };
      });
      if (!added) throw new Error('the offer has no media section for the new track');
      this.#sending.add(added.mid);
      return added;
    } catch (error) {
      await this.#takeBack(async () => {
        await sender.stop();
        if (!added) return;
        this.#remoteSdp.closeMediaSection(added.mid);
        await this.#offer();
      });
      throw error;
    }
  }

  /** Stops a sender, and closes its section: the next sender has its place. */
  async removeSender(sender: RtpSender, mid: string): Promise<void> {
    await sender.stop();
    this.#sending.delete(mid);
    this.#remoteSdp.closeMediaSection(mid);
    await this.#offer();
  }

  /** Begins ICE anew with the credentials that the server has from now on. */
  async restartIce(iceParameters: IceParameters): Promise<void> {
    this.#remoteSdp.updateIceParameters(iceParameters);
    // Where nothing is in force yet, the first description has them.
    if (!this.#isInForce) return;
    const restart =
      this.#options.direction === 'send'
        ? { type: 'answer', sdp: this.#remoteSdp.getSdp() }
        : { type: 'offer', sdp: remoteOffer(this.#remoteSdp, this.#localRole) };
    await this.#peer.restartIce(restart);
  }

  /** Makes sure that there is a section for data channels. */
  async addApplicationSection(): Promise<void> {
    if (this.#isApplicationInForce) return;
    if (this.#options.direction === 'send') {
      await this.#offer();
    } else {
      // It stays if it cannot be negotiated now: the next offer has it again.
      if (!this.#hasApplicationSection) this.#remoteSdp.receiveSctpAssociation();
      this.#hasApplicationSection = true;
      await this.#answer();
    }
    this.#isApplicationInForce = true;
  }

  /** Negotiates sections that the server sends; resolves to their mids and receivers. */
  async addReceivers(
    optionsList: HandlerReceiveOptions[],
  ): Promise<{ mid: string; options: HandlerReceiveOptions; receiver: RtpReceiver }[]> {
    const added: { mid: string; options: HandlerReceiveOptions }[] = [];
    try {
      for (const options of optionsList) {
        const mid = this.#addRemoteSection(options);
        this.#receiving.set(mid, options.rtpParameters.encodings?.[0]?.ssrc);
        added.push({ mid, options });
      }
      await this.#answer();
      return await Promise.all(
        added.map(async (one) => ({ ...one, receiver: await this.#peer.receiver(one.mid) })),
      );
    } catch (error) {
      await this.#takeBackSections(added.map(({ mid }) => mid));
      throw error;
    }
  }

  /** Closes sections that the server sent. */
  async removeReceivers(mids: string[]): Promise<void> {
    for (const mid of mids) {
      this.#receiving.delete(mid);
      this.#remoteSdp.closeMediaSection(mid);
    }
    await this.#answer();
  }

  #newRemoteSdp(): RemoteSdp {
    const { iceParameters, iceCandidates, dtlsParameters, sctpParameters } = this.#options;
    return new RemoteSdp({
      iceParameters,
      iceCandidates,
      // RemoteSdp writes its role into it.
      dtlsParameters: { ...dtlsParameters },
      ...(sctpParameters ? { sctpParameters } : {}),
    });
  }

  /** Works out what is sent and taken, and returns what writes it into the remote SDP. */
  async #prepareSender(
    local: LocalSdp,
    rtpSender: RTCRtpSender,
    native: NativeTrack,
    options: HandlerSendOptions,
  ): Promise<(section: MediaSection, index: number, msid: string) => SentParameters> {
    const { track, codec, encodings, codecOptions = {} } = options;
    const kind = track.kind as 'audio' | 'video';
    const forced = { ...this.#forced, ...extensionsOf(options) };
    const extended = this.#options.getSendExtendedRtpCapabilities(
      forceHeaderExtensions(local.rtpCapabilities(), forced),
    );
    const sent = getSendingRtpParameters(kind, extended);
    const taken = getSendingRemoteRtpParameters(kind, extended);
    // This throws if the codec is not one that both sides, and the track, have.
    const isSimulcast = (encodings?.length ?? 0) > 1;
    const chosen = await chooseCodec(kind, native, taken.codecs, codec, isSimulcast);
    sent.codecs = reduceCodecs(sent.codecs, chosen);
    taken.codecs = reduceCodecs(taken.codecs, chosen);
    const layers = await rtpSender.settle(chosen.mimeType);
    return (section, index, msid) => {
      const next = this.#remoteSdp.getNextMediaSectionIdx();
      const { cname, encodings: own } = sendingParameters(section, sent.codecs);
      const rtpParameters = {
        ...sent,
        mid: String(section.mid),
        msid,
        encodings: own.map((one, index) => ({ ...one, ...encodings?.[index], ...layers[index] })),
        rtcp: { ...sent.rtcp, cname },
      };
      this.#remoteSdp.send({
        offerMediaObject: section,
        offerRtpParameters: rtpParameters,
        answerRtpParameters: taken,
        // Never left out: Opus has NACK only where it is asked for.
        codecOptions,
        // A closed section whose place this one takes.
        ...(next.idx === index && next.reuseMid !== undefined ? { reuseMid: next.reuseMid } : {}),
      });
      return rtpParameters;
    };
  }

  #addRemoteSection({ trackId, kind, rtpParameters, streamId }: HandlerReceiveOptions): string {
    const mid = rtpParameters.mid ?? `local-${this.#nextMid++}`;
    if (this.#receiving.has(mid)) {
      throw new ArgumentError(
        `rtpParameters.mid: expected one that is not received yet, got "${mid}": was consume() called twice for one ` +
          'consumer of the server?',
      );
    }
    if (this.#disabled.delete(mid)) {
      this.#remoteSdp.resumeReceivingMediaSection(mid);
      return mid;
    }
    const { msid, rtcp } = rtpParameters;
    this.#remoteSdp.receive({
      mid,
      kind,
      offerRtpParameters: this.#withOwnSsrc(rtpParameters),
      streamId: streamId ?? msidStreamId(msid) ?? rtcp?.cname ?? '-',
      trackId,
    });
    return mid;
  }

  /** A stream is received once: of consumers that name the same, the first gets what comes. */
  #withOwnSsrc(parameters: RtpParameters): RtpParameters {
    const [encoding] = parameters.encodings ?? [];
    if (!encoding || ![...this.#receiving.values()].includes(encoding.ssrc)) return parameters;
    const ssrc = randomInt(1, MAX_SSRC);
    const rtx = encoding.rtx ? { rtx: { ssrc: ssrc + 1 } } : {};
    return { ...parameters, encodings: [{ ...encoding, ssrc, ...rtx }] };
  }

  /**
   * Makes an offer and answers it for the server. `prepare` is shown the offer before it is in
   * force, and may reject; what it resolves to is then called with each media section.
   */
  async #offer(prepare?: (local: LocalSdp) => Promise<AddSection>): Promise<void> {
    const offer = await this.#peer.createOffer();
    const local = new LocalSdp(offer.sdp);
    if (local.extmapAllowMixed) this.#remoteSdp.setSessionExtmapAllowMixed();
    const addSection = await prepare?.(local);
    await this.#ensureConnected(local.dtlsParameters(this.#localRole));
    const { sdp } = await this.#peer.setLocalDescription(offer);
    for (const [index, section] of new LocalSdp(sdp).sections.entries()) {
      if (section.type === 'application') this.#answerApplicationSection(section);
      else addSection?.(section, index);
    }
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: this.#remoteSdp.getSdp() });
    this.#isInForce = true;
  }

  #answerApplicationSection(section: MediaSection): void {
    if (this.#hasApplicationSection) return;
    this.#remoteSdp.sendSctpAssociation({ offerMediaObject: section });
    this.#hasApplicationSection = true;
  }

  /** Offers, for the server, what the remote SDP holds, and answers it. */
  async #answer(): Promise<void> {
    await this.#connectEarly();
    const offer = remoteOffer(this.#remoteSdp, this.#localRole);
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: offer });
    const answer = await this.#peer.createAnswer();
    await this.#ensureConnected(new LocalSdp(answer.sdp).dtlsParameters(this.#localRole));
    await this.#peer.setLocalDescription(answer);
    this.#isInForce = true;
  }

  /** Connects before a remote offer is set, where that can be: a refusal then leaves no trace. */
  async #connectEarly(): Promise<void> {
    if (this.#connected) return;
    const { sdp } = await this.#peer.createOffer();
    const dtlsParameters = new LocalSdp(sdp).earlyDtlsParameters(this.#localRole);
    if (dtlsParameters) await this.#ensureConnected(dtlsParameters);
  }

  async #ensureConnected(dtlsParameters: DtlsParameters): Promise<void> {
    if (this.#connected) return;
    this.#remoteSdp.updateDtlsRole(this.#localRole === 'client' ? 'server' : 'client');
    await this.#connect(dtlsParameters);
    this.#connected = true;
  }

  /** Takes back sections of the server's that could not be received. */
  async #takeBackSections(mids: string[]): Promise<void> {
    await this.#takeBack(async () => {
      for (const mid of mids) {
        this.#receiving.delete(mid);
        // The first section is never closed, and could not be added again.
        if (!this.#remoteSdp.closeMediaSection(mid)) this.#disabled.add(mid);
      }
      if (this.#connected) await this.#answer();
    });
  }

  async #takeBack(task: () => Promise<void>): Promise<void> {
    if (this.#peer.closed) return;
    try {
      await task();
    } catch (error) {
      logger.warn('a failed negotiation was not taken back: %s', (error as Error).message);
    }
  }
}
