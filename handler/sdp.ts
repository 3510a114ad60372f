// The only file that knows mediasoup-client's SDP helpers.
import { getMsidStreamIdAndTrackId } from 'mediasoup-client/handlers/ortc/utils';
import {
  extractDtlsParameters,
  extractRtpCapabilities,
  getCname,
} from 'mediasoup-client/handlers/sdp/commonUtils';
import { RemoteSdp } from 'mediasoup-client/handlers/sdp/RemoteSdp';
import { getRtpEncodings } from 'mediasoup-client/handlers/sdp/unifiedPlanUtils';
import { validateAndNormalizeRtpCapabilities } from 'mediasoup-client/ortc';
import type {
  DtlsParameters,
  DtlsRole,
  RtpCapabilities,
  RtpEncodingParameters,
  RtpParameters,
} from '../lib/mediasoupClient.js';
import { parse } from 'sdp-transform';

export { RemoteSdp };

type SdpObject = Parameters<typeof extractRtpCapabilities>[0]['sdpObject'];

/** A media section of a local description. */
export type MediaSection = SdpObject['media'][number];

/** A local description, read. */
export class LocalSdp {
  readonly #object: SdpObject;

  constructor(sdp: string) {
    this.#object = parse(sdp);
  }

  get extmapAllowMixed(): boolean {
    return Boolean(this.#object.extmapAllowMixed);
  }

  get sections(): MediaSection[] {
    return this.#object.media;
  }

  /** What the description says can be sent or received, checked and complete. */
  rtpCapabilities(): RtpCapabilities {
    const capabilities = extractRtpCapabilities({ sdpObject: this.#object });
    validateAndNormalizeRtpCapabilities(capabilities);
    return capabilities;
  }

  /** Our certificate's fingerprint, and the role that we are to have. */
  dtlsParameters(role: DtlsRole): DtlsParameters {
    return { ...extractDtlsParameters({ sdpObject: this.#object }), role };
  }

  /** The same from a description that may be without media; undefined if it says nothing of it. */
  earlyDtlsParameters(role: DtlsRole): DtlsParameters | undefined {
    const { fingerprint } = this.#object;
    if (!fingerprint) return undefined;
    // Where nothing is offered there is no a=setup, which the helper insists on.
    const sdpObject = { ...this.#object, setup: 'actpass' };
    return { ...extractDtlsParameters({ sdpObject }), role };
  }
}

/** What a section says of the encodings that it sends. */
export function sendingParameters(
  section: MediaSection,
  codecs: RtpParameters['codecs'],
): { cname: string; encodings: RtpEncodingParameters[] } {
  return {
    cname: getCname({ offerMediaObject: section }),
    encodings: getRtpEncodings({ offerMediaObject: section, codecs }),
  };
}

/** Whether a section of an offer is the one that sends `msid`. */
export function sends(section: MediaSection, msid: string): boolean {
  const { direction, msid: list } = section as {
    direction?: string;
    // What sdp-transform 3 gives; its types say otherwise.
    msid?: { id: string; appdata?: string }[];
  };
  if (direction !== 'sendonly' && direction !== 'sendrecv') return false;
  return (list ?? []).some(({ id, appdata = '' }) => `${id} ${appdata}` === msid);
}

/** The stream id in `rtpParameters.msid`, if there is one. */
export function msidStreamId(msid: string | undefined): string | undefined {
  return getMsidStreamIdAndTrackId(msid).msidStreamId;
}

/**
 * The remote offer with the server's DTLS role said outright. mediasoup-client offers `actpass`
 * always, but has told the server which role it has before our answer is made.
 */
export function remoteOffer(remoteSdp: RemoteSdp, localRole: DtlsRole): string {
  const setup = localRole === 'client' ? 'passive' : 'active';
  return remoteSdp.getSdp().replace(/^a=setup:actpass/gm, `a=setup:${setup}`);
}
