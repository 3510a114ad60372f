// Types of peer.mjs.
import type { types } from 'mediasoup-client';
import { Peer as Client } from './room.mjs';

export type Request = (method: string, data?: object) => Promise<unknown>;

export class Peer extends Client {
  static join(options: { device: types.Device; request: Request }): Promise<Peer>;
}
