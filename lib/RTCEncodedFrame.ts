import { linearLevel } from './audioLevels.js';
import { isBytes } from './bytes.js';
import { ArgumentError, describe } from './errors.js';
import { FrameKind } from './frames/head.js';
import type { Head } from './frames/head.js';
import { ofThisThread } from './ofThisThread.js';

/** W3C's RTCEncodedFrameMetadata, of both kinds. What is not known of a frame is not there. */
export type RTCEncodedFrameMetadata = {
  /** The SSRC of the stream: of a sender's encodings, each has its own. */
  synchronizationSource: number;
  /** The number of its codec in RTP. */
  payloadType: number;
  /** The SSRCs of who contributed to a received frame: of a mixer's (CSRCs). */
  contributingSources: number[];
  /** Its codec. */
  mimeType: string;
  /** In units of the codec's clock. */
  rtpTimestamp: number;
  /** Of one that is sent: those of one sender count up. mediasoup passes none on. */
  frameId?: number;
};

/** W3C's RTCEncodedVideoFrameMetadata. */
export type RTCEncodedVideoFrameMetadata = RTCEncodedFrameMetadata & {
  /** The layer of size, 0 for the smallest; of a received picture of several, the highest. VP9 and AV1 tell it. */
  spatialIndex?: number;
  /** The layer of rate, 0 for the slowest. VP8, VP9 and AV1 tell it. */
  temporalIndex?: number;
  /** In pixels, of a received picture, and of a spatial layer that is sent. */
  width?: number;
  /** In pixels. */
  height?: number;
  /** The encoding's, of several. */
  rid?: string;
};

/** W3C's RTCEncodedAudioFrameMetadata. */
export type RTCEncodedAudioFrameMetadata = RTCEncodedFrameMetadata & {
  /** Of the packet that was received. */
  sequenceNumber?: number;
  /** As W3C has it: 1 is 0 dBov, and half of it 6 dB less. */
  audioLevel?: number;
};

/** What a frame is of. */
export type FrameOrigin = {
  owner: object;
  mimeType: string;
  rid?: string | undefined;
  received?: boolean;
  /** CSRCs. */
  contributing?: number[];
};

type Own = { head: Readonly<Head>; origin: FrameOrigin };

/** What the core does not know is NaN. */
const known = (name: string, value: number): Record<string, number> =>
  Number.isNaN(value) ? {} : { [name]: value };

const owns = new WeakMap<object, Own>();

/** Where a frame came from, and its number there. */
export function originOf(frame: object): { owner: object; head: Readonly<Head> } | undefined {
  const own = owns.get(frame);
  return own && { owner: own.origin.owner, head: own.head };
}

abstract class RTCEncodedFrame {
  #data: ArrayBuffer;

  protected constructor(head: Readonly<Head>, data: ArrayBuffer, origin: FrameOrigin) {
    this.#data = data;
    owns.set(this, { head, origin });
    ofThisThread(this);
  }

  /** The coded frame: may be changed, and replaced. */
  get data(): ArrayBuffer {
    return this.#data;
  }

  /** @throws TypeError for anything but an ArrayBuffer. */
  set data(data: ArrayBuffer) {
    if (!isBytes(data) || ArrayBuffer.isView(data)) {
      throw new ArgumentError(`data: expected an ArrayBuffer, got ${describe(data)}`);
    }
    this.#data = data;
  }

  /** The RTP timestamp. */
  get timestamp(): number {
    return this.own.head.rtpTimestamp;
  }

  /** @internal Not for apps. */
  protected get own(): Own {
    const own = owns.get(this);
    if (!own) throw new TypeError('Illegal invocation');
    return own;
  }

  /** @internal Not for apps. */
  protected metadata(): RTCEncodedFrameMetadata {
    const { head, origin } = this.own;
    return {
      synchronizationSource: head.ssrc,
      payloadType: head.payloadType,
      contributingSources: [...(origin.contributing ?? [])],
      mimeType: origin.mimeType,
      rtpTimestamp: head.rtpTimestamp,
      ...(!origin.received && { frameId: head.sequence }),
    };
  }
}

/**
 * A coded picture between an encoder and the network, or the network and a decoder. Of a picture with spatial layers
 * that is sent, each layer is one.
 *
 * @see https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedVideoFrame-interface
 */
export class RTCEncodedVideoFrame extends RTCEncodedFrame {
  /** @internal Not for apps. */
  static of(head: Readonly<Head>, data: ArrayBuffer, origin: FrameOrigin): RTCEncodedVideoFrame {
    return new RTCEncodedVideoFrame(head, data, origin);
  }

  /** Whether it refers to no other. */
  get type(): 'key' | 'delta' {
    return this.own.head.key === 1 ? 'key' : 'delta';
  }

  /** What is known of it. */
  getMetadata(): RTCEncodedVideoFrameMetadata {
    const { head, origin } = this.own;
    return {
      ...this.metadata(),
      ...known('spatialIndex', head.spatial),
      ...known('temporalIndex', head.temporal),
      ...(head.width > 0 && { width: head.width, height: head.height }),
      ...(origin.rid !== undefined && { rid: origin.rid }),
    };
  }
}

/**
 * A packet of coded sound.
 *
 * @see https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedAudioFrame-interface
 */
export class RTCEncodedAudioFrame extends RTCEncodedFrame {
  /** @internal Not for apps. */
  static of(head: Readonly<Head>, data: ArrayBuffer, origin: FrameOrigin): RTCEncodedAudioFrame {
    return new RTCEncodedAudioFrame(head, data, origin);
  }

  /** What is known of it. */
  getMetadata(): RTCEncodedAudioFrameMetadata {
    const { head, origin } = this.own;
    return {
      ...this.metadata(),
      ...(origin.received && { sequenceNumber: head.sequenceNumber }),
      ...(head.audioLevel > 0 && { audioLevel: linearLevel(head.audioLevel) }),
    };
  }
}

/** Makes the object of a frame. */
export function encodedFrameOf(
  head: Readonly<Head>,
  data: ArrayBuffer,
  origin: FrameOrigin,
): RTCEncodedVideoFrame | RTCEncodedAudioFrame {
  return head.kind === FrameKind.CodedVideo
    ? RTCEncodedVideoFrame.of(head, data, origin)
    : RTCEncodedAudioFrame.of(head, data, origin);
}
