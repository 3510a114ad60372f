// Types of browser.mjs.
import type { types } from 'mediasoup-client';
import type { Page } from 'playwright-core';
import type { Room } from '../../e2e/support/room.mjs';

export type ShownPicture = {
  /** Pictures shown so far. */
  count: number;
  /** Milliseconds from resuming the consumer to the first picture. */
  firstMs: number;
  videoWidth: number;
  videoHeight: number;
  /** The newest picture, scaled down to 32 x 24, in RGB. */
  width: number;
  height: number;
  data: Uint8Array;
};

/** What the page's transport.produce() gets beside the track. */
export type Produced = {
  mimeType?: string;
  encodings?: RTCRtpEncodingParameters[];
  codecOptions?: types.ProducerCodecOptions;
};

type Named = string | { id: string };

export class Browser {
  static launch(): Promise<Browser>;
  join(room: Room): Promise<BrowserPeer>;
  close(): Promise<void>;
}

export class BrowserPeer {
  readonly page: Page;
  consume(producer: Named): Promise<string>;
  picture(consumerId: string, count?: number): Promise<ShownPicture>;
  sound(consumerId: string): Promise<{ sampleRate: number; samples: Float32Array }>;
  /** Default: 320 x 240, 25 pictures a second. */
  produceCanvas(
    colour: string,
    options?: Produced & { width?: number; height?: number },
  ): Promise<string>;
  produceTone(hertz: number, options?: Produced): Promise<string>;
  produceDevice(kind: 'audio' | 'video', options?: Produced): Promise<string>;
  produceData(options?: types.DataProducerOptions): Promise<string>;
  sendData(dataProducerId: string, message: string | Uint8Array): Promise<void>;
  consumeData(dataProducer: Named): Promise<string>;
  receiveData(dataConsumerId: string): Promise<string | Uint8Array>;
  closeData(id: string): Promise<void>;
  closedData(dataConsumerId: string): Promise<void>;
  stats(id: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}
