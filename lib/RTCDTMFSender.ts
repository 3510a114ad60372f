import { InvalidStateError } from './errors.js';
import { EventHandlers } from './EventHandlers.js';

/**
 * W3C's RTCDTMFSender, `rtpSender.dtmf` of sound. It can send nothing: mediasoup negotiates telephone events (RFC 4733), takes
 * their packets, and passes none of them on to any consumer.
 *
 * @see https://w3c.github.io/webrtc-pc/#rtcdtmfsender
 */
export class RTCDTMFSender extends EventTarget implements globalThis.RTCDTMFSender {
  /** Nobody would get a tone. */
  readonly canInsertDTMF = false;
  /** The tones that wait: none. */
  readonly toneBuffer = '';
  readonly #handlers = new EventHandlers(this);

  get ontonechange(): globalThis.RTCDTMFSender['ontonechange'] {
    return this.#handlers.get('tonechange');
  }

  set ontonechange(handler: globalThis.RTCDTMFSender['ontonechange']) {
    this.#handlers.set('tonechange', handler);
  }

  /** @throws InvalidStateError always, as W3C says of a sender whose `canInsertDTMF` is false. */
  insertDTMF(): void {
    throw new InvalidStateError(
      'insertDTMF(): canInsertDTMF is false: mediasoup passes no telephone events (RFC 4733) on, so no consumer would get ' +
        'them',
    );
  }
}
