// Types of room.mjs, its server and its peers.
import type { EventEmitter } from 'node:events';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import type { Relay } from './relay.mjs';

export type RoomOptions = {
  /** Default: opus, PCMU, PCMA, VP8, VP9 and H264 (42e01f, packetization-mode 1). */
  mediaCodecs?: server.RouterRtpCodecCapability[];
  /** Address that everything listens on. Default '127.0.0.1'. */
  ip?: string;
  /** Default true. */
  udp?: boolean;
  /** Default false. */
  tcp?: boolean;
  /** Default true. */
  sctp?: boolean;
  /** Default { OS: 1024, MIS: 1024 }; mediasoup asks for it until 3.19. */
  numSctpStreams?: { OS: number; MIS: number };
  /** Bytes, both ways; default 262144. */
  maxSctpMessageSize?: number;
  /** Bytes, default 262144. */
  sctpSendBufferSize?: number;
  /** Bits a second, default 10,000,000. */
  initialAvailableOutgoingBitrate?: number;
  /** Seconds, default 30. */
  iceConsentTimeout?: number;
  /** Of the media worker. Default 'error'. */
  logLevel?: server.WorkerLogLevel;
  logTags?: server.WorkerLogTag[];
};

export const defaultMediaCodecs: server.RouterRtpCodecCapability[];

/** The default codecs, cut down to the named ones ('VP8', 'opus', …) and in that order. */
export function mediaCodecsOf(...names: string[]): server.RouterRtpCodecCapability[];

export type RoomServerEvents = {
  transport: [server.WebRtcTransport];
  producer: [server.Producer];
  consumer: [server.Consumer];
  dataproducer: [server.DataProducer];
  dataconsumer: [server.DataConsumer];
};

export class RoomServer extends EventEmitter<RoomServerEvents> {
  readonly worker: server.Worker;
  readonly router: server.Router;
  readonly ip: string;
  readonly transports: Map<string, server.WebRtcTransport>;
  readonly producers: Map<string, server.Producer>;
  readonly consumers: Map<string, server.Consumer>;
  readonly dataProducers: Map<string, server.DataProducer>;
  readonly dataConsumers: Map<string, server.DataConsumer>;
  request(method: string, data?: object): Promise<unknown>;
  killWorker(): Promise<void>;
  close(): Promise<void>;
}

export type TransportSettings = {
  /** Merged into what the Device's create…Transport() gets: iceServers, additionalSettings, appData … */
  client?: Partial<client.TransportOptions>;
  /** The network between the two; they reach each other directly unless it is given. */
  relay?: Relay;
  /** Merged into what the router's createWebRtcTransport() gets. */
  server?: Partial<server.WebRtcTransportOptions>;
};

export type ConsumeSettings = {
  /** Default: the peer's recv transport made last; one is made if there is none. */
  transport?: client.Transport;
  /** Leave the server's consumer paused. Default false. */
  paused?: boolean;
  /** Merged into what the Device's transport.consume() gets. */
  client?: Partial<client.ConsumerOptions>;
  /** Merged into what the server's transport.consume() gets. */
  server?: Partial<server.ConsumerOptions>;
};

export type ConsumeDataSettings = {
  transport?: client.Transport;
  client?: Partial<client.DataConsumerOptions>;
  server?: Partial<server.DataConsumerOptions>;
};

type Identified = string | { readonly id: string };

export class Peer {
  readonly device: client.Device;
  /** The transports made last. */
  readonly sendTransport: client.Transport | undefined;
  readonly recvTransport: client.Transport | undefined;
  createSendTransport(settings?: TransportSettings): Promise<client.Transport>;
  createRecvTransport(settings?: TransportSettings): Promise<client.Transport>;
  consume(producer: Identified, settings?: ConsumeSettings): Promise<client.Consumer>;
  consumeData(
    dataProducer: Identified,
    settings?: ConsumeDataSettings,
  ): Promise<client.DataConsumer>;
  restartIce(transport: client.Transport): Promise<void>;
  /** Closes the peer's transports, on both sides. */
  close(): void;
}

export type RtpPacket = {
  marker: boolean;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
};

export class PlainTap extends EventEmitter<{ packet: [RtpPacket]; close: [] }> {
  readonly consumer: server.Consumer;
  readonly packetCount: number;
  readonly byteCount: number;
  /** The next `count` packets; rejects after `timeoutMs` (default 10,000). */
  packets(count: number, options?: { timeoutMs?: number }): Promise<RtpPacket[]>;
  close(): Promise<void>;
}

export class Room {
  readonly server: RoomServer;
  readonly router: server.Router;
  readonly worker: server.Worker;
  join(options: { device: client.Device }): Promise<Peer>;
  /** Lets `peer` receive a producer. The consumer closes when the producer does. */
  consume(peer: Peer, producer: Identified, settings?: ConsumeSettings): Promise<client.Consumer>;
  consumeData(
    peer: Peer,
    dataProducer: Identified,
    settings?: ConsumeDataSettings,
  ): Promise<client.DataConsumer>;
  serverTransport(transport: Identified): server.WebRtcTransport;
  serverProducer(producer: Identified): server.Producer;
  serverConsumer(consumer: Identified): server.Consumer;
  serverDataProducer(dataProducer: Identified): server.DataProducer;
  serverDataConsumer(dataConsumer: Identified): server.DataConsumer;
  /** The RTP of a producer, as the server passes it on. Begins with a keyframe. */
  plainTap(producer: Identified): Promise<PlainTap>;
  /** SIGKILL to the media worker; resolves once it is gone. */
  killWorker(): Promise<void>;
  /** Closes every peer's transports and the server. May be called twice. */
  close(): Promise<void>;
}

/** Starts a real mediasoup server on loopback, on ports that it finds free. */
export function createRoom(options?: RoomOptions): Promise<Room>;
