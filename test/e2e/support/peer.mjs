// The client's half of a room: a mediasoup-client Device and its transports, wired to a server by one function.

/**
 * @typedef {(method: string, data?: object) => Promise<any>} Request
 */
export class Peer {
  #request;
  #transports = new Set();
  #sendTransport;
  #recvTransport;

  device;

  /**
   * @param {import('mediasoup-client').types.Device} device
   * @param {Request} request
   */
  constructor(device, request) {
    this.device = device;
    this.#request = request;
  }

  /** Loads the device with what the router can do, unless the app did. */
  static async join({ device, request }) {
    if (!device.loaded) {
      await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
    }
    return new Peer(device, request);
  }

  /** The transport made last, which consume() and the like use. */
  get sendTransport() {
    return this.#sendTransport;
  }

  get recvTransport() {
    return this.#recvTransport;
  }

  /** `client` goes to the Device's createSendTransport(), `server` to the router's createWebRtcTransport(). */
  async createSendTransport(settings) {
    const transport = this.device.createSendTransport(await this.#prepareTransport(settings));
    this.#wire(transport);
    transport.on('produce', ({ kind, rtpParameters, appData }, accept, refuse) => {
      this.#request('produce', {
        transportId: transport.id,
        kind,
        rtpParameters,
        appData,
      }).then(accept, refuse);
    });
    transport.on('producedata', (parameters, accept, refuse) => {
      this.#request('produceData', { transportId: transport.id, ...parameters }).then(
        accept,
        refuse,
      );
    });
    this.#sendTransport = transport;
    return transport;
  }

  async createRecvTransport(settings) {
    const transport = this.device.createRecvTransport(await this.#prepareTransport(settings));
    this.#wire(transport);
    this.#recvTransport = transport;
    return transport;
  }

  /** Receives a producer, on the recv transport made last unless one is given. */
  async consume(producer, { transport, paused = false, client, server } = {}) {
    transport ??= this.#recvTransport ?? (await this.createRecvTransport());
    const parameters = await this.#request('consume', {
      transportId: transport.id,
      producerId: idOf(producer),
      rtpCapabilities: this.device.recvRtpCapabilities,
      options: server,
    });
    const consumer = await transport.consume({ ...parameters, ...client });
    if (!paused) await this.#request('resumeConsumer', { consumerId: consumer.id });
    return consumer;
  }

  async consumeData(dataProducer, { transport, client, server } = {}) {
    transport ??= this.#recvTransport ?? (await this.createRecvTransport());
    const parameters = await this.#request('consumeData', {
      transportId: transport.id,
      dataProducerId: idOf(dataProducer),
      options: server,
    });
    return await transport.consumeData({ ...parameters, ...client });
  }

  async restartIce(transport) {
    const { iceParameters } = await this.#request('restartIce', { transportId: transport.id });
    await transport.restartIce({ iceParameters });
  }

  close() {
    for (const transport of this.#transports) transport.close();
  }

  async #prepareTransport({ client, relay, server } = {}) {
    const parameters = await this.#request('createTransport', { options: server });
    const iceCandidates = relay && (await relay.route(parameters.iceCandidates));
    return { ...parameters, ...(relay && { iceCandidates }), ...client };
  }

  #wire(transport) {
    this.#transports.add(transport);
    transport.on('connect', ({ dtlsParameters }, accept, refuse) => {
      this.#request('connectTransport', {
        transportId: transport.id,
        dtlsParameters,
      }).then(accept, refuse);
    });

    const { observer } = transport;
    observer.on('close', () => {
      this.#transports.delete(transport);
      this.#tell('closeTransport', { transportId: transport.id });
    });
    // A real app tells its server what it closed; a closed transport told it for all that it carried.
    const report = (event, method, key) =>
      observer.on(event, (object) => {
        object.observer.on('close', () => {
          if (!transport.closed) this.#tell(method, { [key]: object.id });
        });
      });
    report('newproducer', 'closeProducer', 'producerId');
    report('newconsumer', 'closeConsumer', 'consumerId');
    report('newdataproducer', 'closeDataProducer', 'dataProducerId');
    report('newdataconsumer', 'closeDataConsumer', 'dataConsumerId');
  }

  /** The server may be gone already: then there is nobody left to tell. */
  #tell(method, data) {
    this.#request(method, data).catch(() => {});
  }
}

export function idOf(object) {
  return typeof object === 'string' ? object : object.id;
}
