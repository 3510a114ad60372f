// Types of browser.mjs.
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

type Named = string | { id: string };

export class BrowserPeer {
  readonly page: Page;
  static join(room: Room): Promise<BrowserPeer>;
  consume(producer: Named): Promise<string>;
  picture(consumerId: string, count?: number): Promise<ShownPicture>;
  sound(consumerId: string): Promise<{ sampleRate: number; samples: Float32Array }>;
  produceCanvas(colour: string, mimeType?: string): Promise<string>;
  produceData(options?: object): Promise<string>;
  sendData(dataProducerId: string, text: string): Promise<void>;
  consumeData(dataProducer: Named): Promise<string>;
  receiveData(dataConsumerId: string): Promise<string>;
  stats(consumerId: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}
