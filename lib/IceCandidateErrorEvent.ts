/**
 * W3C's RTCPeerConnectionIceErrorEvent: a STUN or TURN server that did not answer or refused.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceerrorevent
 */
export class IceCandidateErrorEvent extends Event implements RTCPeerConnectionIceErrorEvent {
  readonly address: string | null = null;
  readonly port: number | null = null;
  readonly url: string;
  /** A STUN error code (RFC 8489), or 701 if no server answered. */
  readonly errorCode: number;
  readonly errorText: string;

  constructor({
    url,
    errorCode,
    errorText,
  }: {
    url: string;
    errorCode: number;
    errorText: string;
  }) {
    super('icecandidateerror');
    this.url = url;
    this.errorCode = errorCode;
    this.errorText = errorText;
  }
}
