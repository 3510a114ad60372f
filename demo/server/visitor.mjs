// One page: what it owns on the media server, what it may ask for, and the bot that answers it.
import { randomUUID } from 'node:crypto';
import { Companion } from './companion.mjs';
import { Refusal } from './refusal.mjs';
import { checkRequest } from './requests.mjs';

// One transport sends, one receives. A picture that starts and stops leaves nothing behind.
const MAX_TRANSPORTS = 2;
const MAX_PRODUCERS = 1;
const MAX_CONSUMERS = 8;
const MAX_WAITING = 32;

export class Visitor {
  /** Nobody else knows it: requests show whose they are with it. */
  id = randomUUID();
  onClose = () => {};

  #server;
  #bot;
  #tell;
  #companion;
  #closed = false;
  #turn = Promise.resolve();
  #waiting = 0;

  #transports = new Set();
  #producers = new Set();
  #dataProducers = new Set();
  #consumers = new Set();
  /** Producers and data producers that this page may receive: the file's, and what comes back to it. */
  #offered;

  constructor({ room, bot, handlerFactory, tell }) {
    this.#server = room.server;
    this.#bot = bot;
    this.#tell = tell;
    this.#offered = new Set(bot.producers.map((producer) => producer.id));
    this.#companion = Companion.join({ server: room.server, handlerFactory, bot });
    // Whoever needs it hears of it then.
    this.#companion.catch(() => {});
  }

  start() {
    const producers = this.#bot.producers.map(({ id, kind }) => ({ id, kind }));
    this.#tell('welcome', { visitor: this.id, file: this.#bot.file, producers });
  }

  /** One at a time and in order, so that limits hold whatever the page sends at once. */
  request(method, data) {
    const checked = checkRequest(method, data);
    if (this.#waiting >= MAX_WAITING) throw new Refusal(429, 'too many requests at once');
    this.#waiting++;
    const result = this.#turn.then(() => this.#answer(method, checked));
    this.#turn = result.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return result;
  }

  /** Frees everything that this page had, on the server and in the bot. May be called twice. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    // A closed transport takes with it what it carried.
    for (const transportId of this.#transports) this.#closeTransport(transportId);
    this.#companion.then((companion) => companion.close()).catch(() => {});
    this.onClose();
  }

  async #answer(method, data) {
    if (this.#closed) throw new Refusal(403, 'this visit is over: reload the page');
    this.#checkOwner(data);
    switch (method) {
      case 'createTransport':
        return await this.#createTransport();
      case 'produce':
        return await this.#produce(data);
      case 'produceData':
        return await this.#produceData(data);
      case 'consume':
        return await this.#consume(data);
      case 'consumeData':
        if (!this.#offered.has(data.dataProducerId)) throw notYours('dataProducerId');
        return await this.#forward(method, data);
      case 'closeProducer':
        return await this.#closeProducer(data);
      default:
        return await this.#forward(method, data);
    }
  }

  #checkOwner({ transportId, consumerId }) {
    if (transportId !== undefined && !this.#transports.has(transportId)) {
      throw notYours('transportId');
    }
    if (consumerId !== undefined && !this.#consumers.has(consumerId)) throw notYours('consumerId');
  }

  /** mediasoup throws a TypeError, or tells its worker's refusal, for parameters that make no sense. */
  async #forward(method, data) {
    try {
      return await this.#server.request(method, data);
    } catch (error) {
      throw new Refusal(400, `${method}: ${error.message}`);
    }
  }

  async #createTransport() {
    atMost(MAX_TRANSPORTS, this.#transports, 'transports');
    const transport = await this.#forward('createTransport', {});
    if (this.#closed) {
      this.#closeTransport(transport.id);
      throw new Refusal(403, 'this visit is over');
    }
    this.#transports.add(transport.id);
    // The page's browser went away without a word, as when its machine sleeps.
    this.#server.transports.get(transport.id).on('icestatechange', (state) => {
      if (state === 'disconnected') this.close();
    });
    return transport;
  }

  #closeTransport(transportId) {
    // The server may be gone already: then so is the transport.
    this.#server.request('closeTransport', { transportId }).catch(() => {});
  }

  async #produce(data) {
    atMost(MAX_PRODUCERS, this.#producers, 'pictures');
    const { id } = await this.#forward('produce', data);
    this.#producers.add(id);
    this.#later('picture', async (companion) => {
      const producerId = await companion.sendBack(id);
      this.#offered.add(producerId);
      this.#tell('picture', { producerId });
    });
    return { id };
  }

  async #closeProducer({ producerId }) {
    if (!this.#producers.delete(producerId)) throw notYours('producerId');
    await this.#forward('closeProducer', { producerId });
    this.#later('picture', async (companion) => {
      this.#offered.delete(await companion.stopSendingBack());
    });
    return {};
  }

  async #produceData(data) {
    atMost(1, this.#dataProducers, 'chats');
    const { id } = await this.#forward('produceData', data);
    this.#dataProducers.add(id);
    this.#later('chat', async (companion) => {
      const dataProducerId = await companion.chat(id);
      this.#offered.add(dataProducerId);
      this.#tell('chat', { dataProducerId });
    });
    return { id };
  }

  async #consume(data) {
    if (!this.#offered.has(data.producerId)) throw notYours('producerId');
    atMost(MAX_CONSUMERS, this.#consumers, 'consumers');
    const parameters = await this.#forward('consume', data);
    const { id } = parameters;
    this.#consumers.add(id);
    this.#server.consumers.get(id)?.on('producerclose', () => {
      this.#consumers.delete(id);
      this.#tell('ended', { consumerId: id });
    });
    return parameters;
  }

  /** What the bot does takes its time; the page hears when it is done, or that it failed. */
  #later(about, work) {
    this.#companion.then(work).catch((error) => {
      this.#tell('problem', { about, message: error.message });
    });
  }
}

function atMost(count, set, what) {
  if (set.size >= count) throw new Refusal(409, `a page has at most ${count} ${what}`);
}

function notYours(name) {
  return new Refusal(403, `${name}: this page has no such thing`);
}
