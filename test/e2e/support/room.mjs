// A real mediasoup server on loopback with mediasoup-client Devices of this process in it.
import { PlainTap } from './plain-tap.mjs';
import { Peer, idOf } from './peer.mjs';
import { RoomServer } from './server.mjs';

export { defaultMediaCodecs, mediaCodecsOf } from './codecs.mjs';

export class Room {
  #peers = new Set();
  #taps = new Set();

  /** The server's half: the worker, the router and every object on them. */
  server;

  constructor(server) {
    this.server = server;
  }

  get router() {
    return this.server.router;
  }

  get worker() {
    return this.server.worker;
  }

  /** Lets a Device take part; it is loaded if it isn't yet. */
  async join({ device }) {
    const peer = await Peer.join({
      device,
      request: (method, data) => this.#request(method, data),
    });
    this.#peers.add(peer);
    return peer;
  }

  /** Lets `peer` receive what another peer produces. The consumer closes when the producer does. */
  async consume(peer, producer, options) {
    const consumer = await peer.consume(producer, options);
    this.server.consumers.get(consumer.id)?.on('producerclose', () => consumer.close());
    return consumer;
  }

  async consumeData(peer, dataProducer, options) {
    const dataConsumer = await peer.consumeData(dataProducer, options);
    this.server.dataConsumers
      .get(dataConsumer.id)
      ?.on('dataproducerclose', () => dataConsumer.close());
    return dataConsumer;
  }

  serverTransport(transport) {
    return this.#find('transports', transport);
  }

  serverProducer(producer) {
    return this.#find('producers', producer);
  }

  serverConsumer(consumer) {
    return this.#find('consumers', consumer);
  }

  serverDataProducer(dataProducer) {
    return this.#find('dataProducers', dataProducer);
  }

  serverDataConsumer(dataConsumer) {
    return this.#find('dataConsumers', dataConsumer);
  }

  /** The RTP of a producer, as the server passes it on, at a UDP socket of this process. */
  async plainTap(producer) {
    const tap = await PlainTap.open(this.server, this.serverProducer(producer));
    this.#taps.add(tap);
    tap.once('close', () => this.#taps.delete(tap));
    return tap;
  }

  /** Kills the media worker the hard way. The Devices notice by themselves, or should. */
  async killWorker() {
    await this.server.killWorker();
  }

  /** Closes every peer's transports and the server. May be called twice. */
  async close() {
    for (const peer of this.#peers) peer.close();
    this.#peers.clear();
    await Promise.all([...this.#taps].map((tap) => tap.close()));
    await this.server.close();
  }

  #find(map, object) {
    const found = this.server[map].get(idOf(object));
    if (!found) throw new Error(`${idOf(object)} is not among the server's ${map}`);
    return found;
  }

  /** What crosses is JSON, as it would be between two machines. */
  async #request(method, data) {
    const sent = data && JSON.parse(JSON.stringify(data));
    return JSON.parse(JSON.stringify(await this.server.request(method, sent)));
  }
}

/** Starts a server. See room.d.mts for the options. */
export async function createRoom(options) {
  return new Room(await RoomServer.create(options));
}
