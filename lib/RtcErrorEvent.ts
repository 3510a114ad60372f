/**
 * W3C's RTCError: why a data channel failed. `name` is `'OperationError'`.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcerror-interface
 */
export class RtcError extends DOMException implements RTCError {
  readonly errorDetail: RTCErrorDetailType;
  readonly receivedAlert: number | null = null;
  readonly sctpCauseCode: number | null = null;
  readonly sdpLineNumber: number | null = null;
  readonly sentAlert: number | null = null;

  constructor(message: string, errorDetail: RTCErrorDetailType) {
    super(message, 'OperationError');
    this.errorDetail = errorDetail;
  }
}

/**
 * W3C's RTCErrorEvent.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcerrorevent-interface
 */
export class RtcErrorEvent extends Event implements RTCErrorEvent {
  readonly error: RtcError;

  constructor(type: string, { error }: { error: RtcError }) {
    super(type);
    this.error = error;
  }
}
