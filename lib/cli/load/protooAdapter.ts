// mediasoup-demo's protocol: protoo messages over a WebSocket, of its server of 2025 and newer, and of the one before, which
// differ in the names of a few members.
import type { types } from 'mediasoup-client';
import type { LoadAdapter, LoadBot } from '../../LoadAdapter.js';
import { adapterOf } from './joining.js';
import { optionalPackage } from './optionalPackage.js';

/** What its servers before 2026 ask for before they open an association. */
const SCTP = { numStreams: { OS: 1024, MIS: 1024 } };

type Message = { method: string; data: Record<string, unknown> };

/** Of protoo-client, as far as it is used. */
type ProtooPeer = {
  request(method: string, data?: object): Promise<unknown>;
  notify(method: string, data?: object): Promise<void>;
  close(): void;
  on(event: 'open' | 'close' | 'disconnected' | 'failed', listener: () => void): void;
  on(event: 'notification', listener: (message: Message) => void): void;
  on(
    event: 'request',
    listener: (
      message: Message,
      accept: (data?: object) => void,
      reject: (code: number, reason: string) => void,
    ) => void,
  ): void;
};
type Protoo = {
  WebSocketTransport: new (url: string, options: object) => unknown;
  Peer: new (transport: unknown) => ProtooPeer;
};

/** It is no dependency of this package: who wants the adapter installs it beside. */
function protooClient(): Protoo {
  const found = optionalPackage('protoo-client') as Protoo | undefined;
  if (!found) {
    throw new Error('the adapter protoo needs protoo-client: npm install protoo-client');
  }
  return found;
}

export const protoo: LoadAdapter = adapterOf((bot) => new Seat(bot, protooClient()));

class Seat {
  readonly #bot: LoadBot;
  readonly #peer: ProtooPeer;
  readonly #opened: Promise<void>;
  readonly #consumers = new Map<string, types.Consumer | types.DataConsumer>();
  #isOpen = false;
  #closed = false;
  sendTransport: types.Transport | undefined;
  recvTransport: types.Transport | undefined;

  constructor(bot: LoadBot, { WebSocketTransport, Peer }: Protoo) {
    this.#bot = bot;
    const url = new URL(bot.url);
    url.searchParams.set('roomId', bot.room);
    url.searchParams.set('peerId', bot.name);
    const { origin = url.origin.replace(/^ws/, 'http') } = bot.options;
    // Who does not get in is told of, not tried again. Its certificate may be of nobody, as that of a test server is.
    const requestOptions =
      bot.options['insecure'] === 'true' ? { rejectUnauthorized: false } : undefined;
    const retry = { retries: 0 };
    this.#peer = new Peer(new WebSocketTransport(url.href, { retry, origin, requestOptions }));
    this.#opened = new Promise((resolve, reject) => {
      this.#peer.on('open', () => {
        this.#isOpen = true;
        resolve();
      });
      this.#peer.on('failed', () => {
        reject(new Error('the WebSocket was refused'));
      });
      for (const event of ['disconnected', 'close'] as const) {
        this.#peer.on(event, () => {
          reject(new Error('the WebSocket closed'));
          if (this.#isOpen && !this.#closed) bot.lost('the WebSocket closed');
        });
      }
    });
    this.#opened.catch(() => undefined);
    this.#peer.on('notification', ({ method, data }) => {
      if (method === 'consumerClosed') this.#end(String(data['consumerId']));
      if (method === 'dataConsumerClosed') this.#end(String(data['dataConsumerId']));
    });
    this.#peer.on('request', ({ method, data }, accept, reject) => {
      this.#answer(method, data).then(
        () => {
          accept();
        },
        (error: unknown) => {
          reject(403, (error as Error).message);
        },
      );
    });
    bot.signal.addEventListener('abort', () => {
      this.close();
    });
  }

  async join(): Promise<this> {
    const { device, name, produces, consumes, data } = this.#bot;
    await this.#opened;
    const answer = await this.#request<{ routerRtpCapabilities?: types.RtpCapabilities }>(
      'getRouterRtpCapabilities',
    );
    const routerRtpCapabilities = answer.routerRtpCapabilities ?? (answer as types.RtpCapabilities);
    await device.load({ routerRtpCapabilities });
    if (produces || data) this.sendTransport = await this.#createTransport('producer');
    if (consumes || data) this.recvTransport = await this.#createTransport('consumer');
    const capabilities = consumes ? { rtpCapabilities: device.recvRtpCapabilities } : {};
    await this.#request('join', {
      displayName: name,
      device: { flag: 'unknown', name: 'mediasoup-client-pion', version: '' },
      ...capabilities,
      ...(data ? { sctpCapabilities: SCTP } : {}),
    });
    return this;
  }

  /** The server closes what the peer had. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.sendTransport?.close();
    this.recvTransport?.close();
    this.#peer.close();
  }

  async #createTransport(direction: 'producer' | 'consumer'): Promise<types.Transport> {
    const { device, data } = this.#bot;
    const producing = direction === 'producer';
    const answer = await this.#request<types.TransportOptions & { transportId?: string }>(
      'createWebRtcTransport',
      {
        forceTcp: this.#bot.options['tcp'] === 'true',
        ...(data ? { sctpCapabilities: SCTP } : {}),
        // The older server has the first two, the newer one the third.
        ...{ producing, consuming: !producing, appData: { direction } },
      },
    );
    const options = { ...answer, id: answer.transportId ?? answer.id };
    const transport = producing
      ? device.createSendTransport(options)
      : device.createRecvTransport(options);
    const transportId = transport.id;
    const made = (answer: unknown, name: string) => {
      const { id, [name]: other } = answer as Record<string, string>;
      return { id: other ?? id ?? '' };
    };
    transport.on('connect', ({ dtlsParameters }, callback, errback) => {
      const asked = { transportId, dtlsParameters };
      this.#request('connectWebRtcTransport', asked).then(callback, errback);
    });
    transport.on('produce', ({ kind, rtpParameters }, callback, errback) => {
      const asked = { transportId, kind, rtpParameters, appData: { source: kind } };
      this.#request('produce', asked).then((answer) => {
        callback(made(answer, 'producerId'));
      }, errback);
    });
    transport.on('producedata', ({ sctpStreamParameters, label, protocol }, callback, errback) => {
      const channel = { appData: { channel: 'chat' } };
      const asked = { transportId, sctpStreamParameters, label, protocol, ...channel };
      this.#request('produceData', asked).then((answer) => {
        callback(made(answer, 'dataProducerId'));
      }, errback);
    });
    return transport;
  }

  /** The server asks its peers to receive, and resumes a consumer once they have said yes. */
  async #answer(method: string, data: Record<string, unknown>): Promise<void> {
    const { recvTransport } = this;
    if (!recvTransport || this.#closed) throw new Error('this bot does not receive');
    if (method === 'newConsumer') {
      const { kind, producerId, rtpParameters } = data as types.ConsumerOptions;
      if (!this.#bot.consumes || !this.#bot.takes(kind)) {
        throw new Error('this bot does not receive more');
      }
      const id = String(data['consumerId'] ?? data['id']);
      const consumer = await this.#counted(
        recvTransport.consume({ id, producerId, kind, rtpParameters }),
      );
      this.#consumers.set(id, consumer);
      this.#bot.consumed(consumer);
    } else if (method === 'newDataConsumer') {
      if (!this.#bot.data) throw new Error('this bot does not receive messages');
      const { dataProducerId, sctpStreamParameters, label, protocol } =
        data as types.DataConsumerOptions;
      const id = String(data['dataConsumerId'] ?? data['id']);
      const options = { id, dataProducerId, sctpStreamParameters, label, protocol };
      const dataConsumer = await this.#counted(
        recvTransport.consumeData(options as types.DataConsumerOptions),
      );
      this.#consumers.set(id, dataConsumer);
      this.#bot.dataConsumed(dataConsumer);
    } else throw new Error(`unknown request ${method}`);
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!this.#closed) this.#bot.refused(`consume: ${(error as Error).message}`);
      throw error;
    }
  }

  #end(id: string): void {
    this.#consumers.get(id)?.close();
    this.#consumers.delete(id);
  }

  async #request<T = unknown>(method: string, data?: object): Promise<T> {
    try {
      return (await this.#peer.request(method, data)) as T;
    } catch (error) {
      throw new Error(`${method}: ${(error as Error).message}`, { cause: error });
    }
  }
}
