// The server's half of a room: a real mediasoup worker and router on loopback, driven by plain JSON requests.
import { EventEmitter, once } from 'node:events';
import { serverPackage, workerBin } from '../../../scripts/lib/mediasoup-worker.mjs';
import { defaultMediaCodecs } from './codecs.mjs';

// Worker and library speak one version's own protocol.
const { createWorker } = await import(serverPackage());

const CLOSE_LIMIT_MS = 5000;
// Far more than any request needs, and less than who waits for it has.
const ANSWER_LIMIT_MS = 30_000;

/**
 * Emits 'transport', 'producer', 'consumer', 'dataproducer' and 'dataconsumer' with the mediasoup object before the
 * client hears of it, so that a listener can trace it from its first packet on.
 */
export class RoomServer extends EventEmitter {
  #settings;
  #methods;

  worker;
  router;
  transports = new Map();
  producers = new Map();
  consumers = new Map();
  dataProducers = new Map();
  dataConsumers = new Map();

  constructor(worker, router, settings) {
    super();
    this.worker = worker;
    this.router = router;
    this.#settings = settings;
    this.#methods = new Map(
      Object.entries({
        getRouterRtpCapabilities: () => router.rtpCapabilities,
        listProducers: () => this.#listProducers(),
        createTransport: (data) => this.#createTransport(data),
        connectTransport: (data) => this.#connectTransport(data),
        restartIce: (data) => this.#restartIce(data),
        closeTransport: (data) => this.#close(this.transports, data.transportId),
        produce: (data) => this.#produce(data),
        closeProducer: (data) => this.#close(this.producers, data.producerId),
        produceData: (data) => this.#produceData(data),
        closeDataProducer: (data) => this.#close(this.dataProducers, data.dataProducerId),
        consume: (data) => this.#consume(data),
        resumeConsumer: (data) => find(this.consumers, data.consumerId).resume(),
        pauseConsumer: (data) => find(this.consumers, data.consumerId).pause(),
        closeConsumer: (data) => this.#close(this.consumers, data.consumerId),
        consumeData: (data) => this.#consumeData(data),
        closeDataConsumer: (data) => this.#close(this.dataConsumers, data.dataConsumerId),
      }),
    );
  }

  static async create({
    mediaCodecs = defaultMediaCodecs,
    ip = '127.0.0.1',
    announcedAddress,
    udp = true,
    tcp = false,
    sctp = true,
    numSctpStreams = { OS: 1024, MIS: 1024 },
    maxSctpMessageSize,
    sctpSendBufferSize,
    // Congestion control starts high: on loopback nothing is gained by feeling its way up.
    initialAvailableOutgoingBitrate = 10_000_000,
    iceConsentTimeout,
    logLevel = 'error',
    logTags,
    ...rest
  } = {}) {
    for (const name of Object.keys(rest)) {
      throw new TypeError(`options: ${name} is not an option of a room`);
    }
    const worker = await createWorker({
      logLevel,
      ...defined({ logTags, workerBin: workerBin() }),
    });
    const router = await worker.createRouter({ mediaCodecs });
    const transport = {
      listenInfos: [...(udp ? ['udp'] : []), ...(tcp ? ['tcp'] : [])].map((protocol) => ({
        protocol,
        ip,
        ...defined({ announcedAddress }),
      })),
      enableUdp: udp,
      enableTcp: tcp,
      enableSctp: sctp,
      numSctpStreams,
      initialAvailableOutgoingBitrate,
      // Its names since mediasoup 3.20.
      ...defined({
        maxSctpMessageSize,
        maxSendMessageSize: maxSctpMessageSize,
        maxReceiveMessageSize: maxSctpMessageSize,
      }),
      ...defined({ sctpSendBufferSize, iceConsentTimeout }),
    };
    return new RoomServer(worker, router, { ip, transport });
  }

  get ip() {
    return this.#settings.ip;
  }

  /** Answers one request of a client. Its data and its result are plain JSON. A worker that is stuck is an error. */
  async request(method, data = {}) {
    const answer = this.#methods.get(method);
    if (!answer) throw new TypeError(`method: ${method} is unknown`);
    return (await inTime(method, answer(data))) ?? {};
  }

  /** Kills the worker as a crash would; resolves once it is gone. */
  async killWorker() {
    const gone = once(this.worker, 'subprocessclose', limit());
    process.kill(this.worker.pid, 'SIGKILL');
    if (!this.worker.subprocessClosed) await gone;
  }

  /** Ends the worker; resolves once its process is gone. One that does not end by itself is killed, and that is an error. */
  async close() {
    if (this.worker.subprocessClosed) return;
    const gone = once(this.worker, 'subprocessclose', limit());
    this.worker.close();
    try {
      await gone;
    } catch (cause) {
      // It would keep the test's process, for ever.
      process.kill(this.worker.pid, 'SIGKILL');
      throw new Error(`the server's worker did not end within ${CLOSE_LIMIT_MS} ms`, { cause });
    }
  }

  #listProducers() {
    return {
      producers: [...this.producers.values()].map(({ id, kind, appData }) => ({
        id,
        kind,
        appData,
      })),
      dataProducers: [...this.dataProducers.values()].map(({ id, label, protocol, appData }) => ({
        id,
        label,
        protocol,
        appData,
      })),
    };
  }

  async #createTransport({ options }) {
    const transport = await this.router.createWebRtcTransport({
      ...this.#settings.transport,
      ...options,
    });
    this.#keep(this.transports, transport, 'transport', ['routerclose']);
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
    return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters };
  }

  #connectTransport({ transportId, dtlsParameters }) {
    return find(this.transports, transportId).connect({ dtlsParameters });
  }

  async #restartIce({ transportId }) {
    return { iceParameters: await find(this.transports, transportId).restartIce() };
  }

  async #produce({ transportId, kind, rtpParameters, appData }) {
    const transport = find(this.transports, transportId);
    const producer = await transport.produce({ kind, rtpParameters, appData });
    this.#keep(this.producers, producer, 'producer', ['transportclose']);
    return { id: producer.id };
  }

  async #produceData({ transportId, sctpStreamParameters, label, protocol, appData }) {
    const dataProducer = await find(this.transports, transportId).produceData({
      sctpStreamParameters,
      label,
      protocol,
      appData,
    });
    this.#keep(this.dataProducers, dataProducer, 'dataproducer', ['transportclose']);
    return { id: dataProducer.id };
  }

  /** Consumers begin paused: the client resumes them once it is ready for the keyframe. */
  async #consume({ transportId, producerId, rtpCapabilities, options }) {
    const consumer = await find(this.transports, transportId).consume({
      ...options,
      producerId,
      rtpCapabilities,
      paused: true,
    });
    this.#keep(this.consumers, consumer, 'consumer', ['transportclose', 'producerclose']);
    const { id, kind, rtpParameters } = consumer;
    return { id, producerId, kind, rtpParameters };
  }

  async #consumeData({ transportId, dataProducerId, options }) {
    const dataConsumer = await find(this.transports, transportId).consumeData({
      ...options,
      dataProducerId,
    });
    this.#keep(this.dataConsumers, dataConsumer, 'dataconsumer', [
      'transportclose',
      'dataproducerclose',
    ]);
    const { id, sctpStreamParameters, label, protocol } = dataConsumer;
    return { id, dataProducerId, sctpStreamParameters, label, protocol };
  }

  #keep(map, object, event, ends) {
    map.set(object.id, object);
    const forget = () => map.delete(object.id);
    for (const end of [...ends, '@close']) object.on(end, forget);
    this.emit(event, object);
  }

  /** Closing what is closed already is fine: both sides may do it. */
  #close(map, id) {
    map.get(id)?.close();
  }
}

function find(map, id) {
  const object = map.get(id);
  if (!object) throw new Error(`the server has no object with id ${id}`);
  return object;
}

/** mediasoup waits for its worker without a limit: so would a test, for ever. */
async function inTime(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`${what}: no answer of the server within ${ANSWER_LIMIT_MS} ms`);
    timer = setTimeout(reject, ANSWER_LIMIT_MS, error);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function limit() {
  return { signal: AbortSignal.timeout(CLOSE_LIMIT_MS) };
}

function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
