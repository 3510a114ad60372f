import type { Namespace } from './namespaces.mjs';

export interface CapturedPacket {
  from: [address: string, port: number];
  to: [address: string, port: number];
  text: string;
}

export class Capture {
  readonly packets: CapturedPacket[];
  static start(namespace: Namespace): Promise<Capture>;
  stop(): Promise<void>;
}
