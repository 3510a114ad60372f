// A room that speaks mediasoup-demo's messages, over its own protoo-server: those of its newest server, or of the one before.
import { once } from 'node:events';
import http from 'node:http';
import protoo from 'protoo-server';

const SIDES = { producer: 'producing', consumer: 'consuming' };

/**
 * @param {object} options
 * @param {import('../e2e/support/room.mjs').Room} options.room
 * @param {'newest' | 'older'} options.dialect
 * @param {(method: string, data: object) => void} [options.heard] of each request of a peer
 */
export async function serveProtoo({ room, dialect, heard = () => {} }) {
  const server = http.createServer();
  const sockets = new protoo.WebSocketServer(server);
  const rooms = new Map();
  sockets.on('connectionrequest', (info, accept, reject) => {
    const { searchParams } = new URL(info.request.url, 'ws://localhost');
    const [roomId, peerId] = [searchParams.get('roomId'), searchParams.get('peerId')];
    // Browsers tell where a page comes from, and the newest server looks at it.
    if (!info.request.headers.origin) reject(403, 'no origin');
    else if (!roomId || !peerId) reject(400, 'no room or peer');
    else {
      if (!rooms.has(roomId)) rooms.set(roomId, new Map());
      const peers = rooms.get(roomId);
      const transport = accept();
      const Dialect = dialect === 'newest' ? Newest : Older;
      const protooRoom = new protoo.Room();
      const peer = new Dialect(protooRoom.createPeer(peerId, transport), room.server, peers, heard);
      peers.set(peerId, peer);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const all = () => [...rooms.values()].flatMap((peers) => [...peers.values()]);
  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    get peers() {
      return all().length;
    },
    async close() {
      for (const peer of all()) peer.close();
      sockets.stop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What both servers do; how they call it is of each. */
class Member {
  producers = [];
  dataProducers = [];
  joined = false;
  rtpCapabilities;
  consumerTransport;
  #transports = new Set();

  constructor(protooPeer, server, peers, heard) {
    this.protooPeer = protooPeer;
    this.server = server;
    this.peers = peers;
    protooPeer.on('request', (request, accept, reject) => {
      heard(request.method, request.data);
      this.answer(request.method, request.data ?? {}).then(accept, (error) => reject(error));
    });
    protooPeer.on('close', () => {
      peers.delete(protooPeer.id);
      for (const transportId of this.#transports) {
        server.request('closeTransport', { transportId }).catch(() => {});
      }
    });
  }

  close() {
    this.protooPeer.close();
  }

  get others() {
    return [...this.peers.values()].filter((peer) => peer !== this && peer.joined);
  }

  async answer(method, data) {
    switch (method) {
      case 'getRouterRtpCapabilities':
        return this.capabilities(await this.server.request(method));
      case 'createWebRtcTransport':
        return await this.#createTransport(data);
      case 'connectWebRtcTransport':
        await this.#own(data.transportId);
        await this.server.request('connectTransport', data);
        return undefined;
      case 'join':
        return this.#join(data);
      case 'produce':
        return await this.#produce(data);
      case 'produceData':
        return await this.#produceData(data);
      default:
        throw new Error(`unknown request.method "${method}"`);
    }
  }

  #own(transportId) {
    if (!this.#transports.has(transportId)) throw new Error(`no transport ${transportId}`);
  }

  async #createTransport(data) {
    const direction = this.directionOf(data);
    const options = { enableSctp: this.wantsSctp(data) };
    const { id, ...rest } = await this.server.request('createTransport', { options });
    this.#transports.add(id);
    if (direction === 'consumer') this.consumerTransport = id;
    return { ...this.named('transport', id), ...rest };
  }

  #join({ displayName, device, rtpCapabilities }) {
    if (this.joined) throw new Error('Peer already joined');
    if (!displayName || !device?.name) throw new TypeError('displayName and device are missing');
    this.joined = true;
    this.rtpCapabilities = rtpCapabilities;
    for (const other of this.others) {
      for (const producer of other.producers) void this.consume(other, producer);
      for (const producer of other.dataProducers) void this.consumeData(other, producer);
    }
    return { peers: this.others.map(({ protooPeer }) => this.named('peer', protooPeer.id)) };
  }

  async #produce({ transportId, kind, rtpParameters, appData }) {
    if (!this.joined) throw new Error('Peer not yet joined');
    this.checkProducer(appData);
    this.#own(transportId);
    const { id } = await this.server.request('produce', { transportId, kind, rtpParameters });
    const producer = { id, kind };
    this.producers.push(producer);
    for (const other of this.others) void other.consume(this, producer);
    return this.named('producer', id);
  }

  async #produceData({ transportId, sctpStreamParameters, label, protocol, appData }) {
    if (!this.joined) throw new Error('Peer not yet joined');
    this.#own(transportId);
    const asked = { transportId, sctpStreamParameters, label, protocol };
    const { id } = await this.server.request('produceData', asked);
    const producer = { id, label, protocol };
    this.dataProducers.push(producer);
    if (this.isChat({ label, appData })) {
      for (const other of this.others) void other.consumeData(this, producer);
    }
    return this.named('dataProducer', id);
  }

  async consume(owner, producer) {
    const { consumerTransport: transportId, rtpCapabilities } = this;
    const canConsume =
      rtpCapabilities &&
      this.server.router.canConsume({ producerId: producer.id, rtpCapabilities });
    if (!transportId || !canConsume) return;
    const asked = { transportId, producerId: producer.id, rtpCapabilities };
    const { id, rtpParameters } = await this.server.request('consume', asked);
    const consumer = this.server.consumers.get(id);
    consumer?.on('producerclose', () => this.#tell('consumerClosed', { consumerId: id }));
    try {
      await this.protooPeer.request('newConsumer', {
        ...this.named('consumer', id),
        ...{ peerId: owner.protooPeer.id, producerId: producer.id, kind: producer.kind },
        ...{ rtpParameters, type: consumer?.type, producerPaused: false, appData: {} },
      });
      await this.server.request('resumeConsumer', { consumerId: id });
      this.#tell('consumerScore', { consumerId: id, score: {} });
    } catch {
      // As in its server, the consumer stays paused.
    }
  }

  async consumeData(owner, { id: dataProducerId }) {
    const transportId = this.consumerTransport;
    const transport = this.server.transports.get(transportId);
    if (!transport?.sctpParameters) return;
    const { id, ...rest } = await this.server.request('consumeData', {
      transportId,
      dataProducerId,
    });
    this.server.dataConsumers.get(id)?.on('dataproducerclose', () => {
      this.#tell('dataConsumerClosed', { dataConsumerId: id });
    });
    const message = { ...this.named('dataConsumer', id), peerId: owner.protooPeer.id, ...rest };
    await this.protooPeer.request('newDataConsumer', { ...message, appData: {} }).catch(() => {});
  }

  #tell(method, data) {
    this.protooPeer.notify(method, data).catch(() => {});
  }
}

class Newest extends Member {
  capabilities = (routerRtpCapabilities) => ({ routerRtpCapabilities });
  named = (what, id) => ({ [`${what}Id`]: id });
  directionOf({ appData }) {
    if (!SIDES[appData?.direction]) throw new TypeError('appData.direction is missing');
    return appData.direction;
  }
  wantsSctp = () => true;
  isChat = ({ appData }) => appData.channel === 'chat';
  checkProducer({ source }) {
    if (!['audio', 'video', 'screensharing'].includes(source)) throw new TypeError('wrong source');
  }
}

class Older extends Member {
  capabilities = (routerRtpCapabilities) => routerRtpCapabilities;
  named = (what, id) => ({ id });
  directionOf({ producing, consuming }) {
    if (producing === consuming) throw new TypeError('producing or consuming is missing');
    return producing ? 'producer' : 'consumer';
  }
  wantsSctp = ({ sctpCapabilities }) => Boolean(sctpCapabilities);
  isChat = ({ label }) => label === 'chat';
  checkProducer() {}
}
