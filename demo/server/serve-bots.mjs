// Rooms for many bots, by the protocol of the demo's page: whoever joins may send, and receives what all others in the room send.
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { hostAndPort, openEvents, readJson } from './http.mjs';
import { Refusal } from './refusal.mjs';

/** What lies between us may end a stream on which nothing comes. */
const PING_EVERY_MS = 15_000;
/** What a guest may ask for, with what it has to own for that. */
const REQUESTS = new Map(
  Object.entries({
    getRouterRtpCapabilities: [],
    createTransport: [],
    connectTransport: ['transportId'],
    produce: ['transportId'],
    closeProducer: ['producerId'],
    produceData: ['transportId'],
    consume: ['transportId'],
    resumeConsumer: ['consumerId'],
    consumeData: ['transportId'],
  }),
);

/**
 * @param {object} options
 * @param {import('../../test/e2e/support/room.mjs').Room} options.room
 * @param {string} options.host address to listen on
 * @param {number} [options.port] 0 for one that is free
 * @param {number} [options.maxGuests] who comes then is refused
 */
export async function serveBots({ room, host, port = 0, maxGuests = Infinity }) {
  /** @type {Map<string, Guest>} */
  const guests = new Map();
  const others = (guest) =>
    [...guests.values()].filter((other) => other !== guest && other.room === guest.room);

  const welcome = (request, response) => {
    if (guests.size >= maxGuests) throw new Refusal(503, `there is room for ${maxGuests}`);
    const { searchParams } = new URL(request.url, 'http://localhost');
    const guest = new Guest({
      server: room.server,
      tell: openEvents(response, { 'cache-control': 'no-store' }),
      leave: () => response.end(),
      room: searchParams.get('room') ?? '',
      name: searchParams.get('name') ?? '',
    });
    guests.set(guest.id, guest);
    const ping = setInterval(() => response.write(':\n\n'), PING_EVERY_MS);
    response.on('error', () => {});
    response.on('close', () => {
      clearInterval(ping);
      guests.delete(guest.id);
      guest.close();
    });
    const there = others(guest);
    guest.tell('welcome', {
      visitor: guest.id,
      producers: there.flatMap(({ producers }) => [...producers.values()]),
      dataProducers: there.flatMap(({ dataProducers }) => [...dataProducers].map((id) => ({ id }))),
    });
  };

  const answer = async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (request.method === 'GET' && pathname === '/events') {
      welcome(request, response);
      return;
    }
    const guest = guests.get(request.headers['x-visitor']);
    if (request.method !== 'POST' || !guest) throw new Refusal(403, 'this visit is over');
    const result = await guest.request(
      pathname.slice(1),
      await readJson(request),
      (event, data) => {
        for (const other of others(guest)) other.tell(event, data);
      },
    );
    reply(response, 200, result);
  };

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (response.headersSent) response.destroy();
      else reply(response, error.status ?? 400, { error: error.message });
    });
  });
  // Whose media is gone hears so.
  room.worker.on('died', () => {
    for (const guest of guests.values()) guest.leave();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${hostAndPort(server.address())}/`,
    get names() {
      return [...guests.values()].map(({ name }) => name);
    },
    get guests() {
      return guests.size;
    },
    async close() {
      for (const guest of guests.values()) guest.leave();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class Guest {
  /** Nobody else knows it: requests show whose they are with it. */
  id = randomUUID();
  producers = new Map();
  dataProducers = new Set();
  #owned = new Set();
  #transports = new Set();
  #server;
  #closed = false;

  /** `tell` tells it of an event, and `leave` ends its visit. */
  constructor({ server, tell, leave, room, name }) {
    this.#server = server;
    this.tell = tell;
    this.leave = leave;
    this.room = room;
    this.name = name;
  }

  /** Frees all that the guest had. A closed transport takes with it what it carried. */
  close() {
    this.#closed = true;
    for (const transportId of this.#transports) this.#closeTransport(transportId);
  }

  /** `announce` tells the others in the room. */
  async request(method, asked, announce) {
    const owns = REQUESTS.get(method);
    if (!owns) throw new Refusal(404, 'there is no such request');
    if (typeof asked !== 'object' || asked === null) throw new Refusal(400, 'expected an object');
    for (const name of owns) {
      if (!this.#owned.has(asked[name]))
        throw new Refusal(403, `${name}: this guest has no such thing`);
    }
    // What the server's own tests may ask for is nobody else's.
    const data = { ...asked, options: undefined };
    const result = await this.#server.request(method, data);
    if (result.id !== undefined) this.#owned.add(result.id);
    switch (method) {
      case 'createTransport':
        this.#transports.add(result.id);
        if (this.#closed) this.#closeTransport(result.id);
        // Who went away without a word.
        this.#server.transports.get(result.id)?.on('icestatechange', (state) => {
          if (state === 'disconnected') this.leave();
        });
        break;
      case 'produce':
        this.producers.set(result.id, { id: result.id, kind: data.kind });
        announce('producer', { id: result.id, kind: data.kind });
        break;
      case 'closeProducer':
        this.producers.delete(data.producerId);
        break;
      case 'produceData':
        this.dataProducers.add(result.id);
        announce('dataproducer', { id: result.id });
        break;
      case 'consume':
        this.#server.consumers.get(result.id)?.on('producerclose', () => {
          this.tell('ended', { consumerId: result.id });
        });
        break;
      case 'consumeData':
        this.#server.dataConsumers.get(result.id)?.on('dataproducerclose', () => {
          this.tell('ended', { consumerId: result.id });
        });
        break;
    }
    return result;
  }

  #closeTransport(transportId) {
    // The server may be gone already: then so is the transport.
    this.#server.request('closeTransport', { transportId }).catch(() => {});
  }
}

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
