// The protocol of the demo's server (demo/server): one stream of events a visit, and its requests as HTTP POSTs.
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import type { types } from 'mediasoup-client';
import type { LoadAdapter, LoadBot } from '../../LoadAdapter.js';
import { adapterOf } from './joining.js';

type Offers = {
  producers?: { id: string; kind: types.MediaKind }[];
  dataProducers?: { id: string }[];
};

export const demo: LoadAdapter = adapterOf((bot) => new Visit(bot));

class Visit {
  readonly #bot: LoadBot;
  readonly #consumers = new Map<string, types.Consumer | types.DataConsumer>();
  readonly #early: (() => void)[] = [];
  #stream: http.IncomingMessage | undefined;
  #visitor = '';
  #closed = false;
  sendTransport: types.Transport | undefined;
  recvTransport: types.Transport | undefined;

  constructor(bot: LoadBot) {
    this.#bot = bot;
  }

  async join(): Promise<this> {
    const { device, produces, consumes, data } = this.#bot;
    const offers = await this.#open();
    await device.load({
      routerRtpCapabilities: await this.#request('getRouterRtpCapabilities'),
    });
    if (produces || data) this.sendTransport = await this.#createTransport('send');
    if (consumes || data) this.recvTransport = await this.#createTransport('recv');
    for (const { id, kind } of offers.producers ?? []) this.#consume(id, kind);
    for (const { id } of offers.dataProducers ?? []) this.#consumeData(id);
    for (const take of this.#early.splice(0)) take();
    return this;
  }

  /** The server frees what the visit had when the stream ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.sendTransport?.close();
    this.recvTransport?.close();
    this.#stream?.destroy();
  }

  /** Resolves to what the server says first. */
  async #open(): Promise<Offers> {
    const { room, name } = this.#bot;
    const response = await this.#get(`events?${new URLSearchParams({ room, name }).toString()}`);
    if (response.statusCode !== 200) {
      throw new Error(`events: ${await errorOf(response)}`);
    }
    this.#stream = response;
    return await new Promise<Offers>((resolve, reject) => {
      const end = (reason: string) => {
        reject(new Error(reason));
        if (!this.#closed) this.#bot.lost(reason);
      };
      response.on('error', (error) => {
        end(`the stream of events broke: ${error.message}`);
      });
      response.on('close', () => {
        end('the server ended the visit');
      });
      let event = '';
      createInterface({ input: response }).on('line', (line) => {
        if (line.startsWith('event: ')) event = line.slice(7);
        if (!line.startsWith('data: ')) return;
        const body = JSON.parse(line.slice(6)) as Record<string, unknown>;
        if (event === 'welcome') {
          this.#visitor = String(body['visitor']);
          resolve(body);
        } else this.#take(event, body);
      });
    });
  }

  #take(event: string, body: Record<string, unknown>): void {
    const id = (name: string) => String(body[name]);
    // What comes while it joins waits for the transports.
    const offered = (take: () => void) => {
      if (this.recvTransport || !this.#visitor) take();
      else this.#early.push(take);
    };
    switch (event) {
      case 'producer':
        offered(() => {
          this.#consume(id('id'), body['kind'] === 'audio' ? 'audio' : 'video');
        });
        break;
      case 'dataproducer':
        offered(() => {
          this.#consumeData(id('id'));
        });
        break;
      // What the demo's page gets: its own picture, and answers to what it says.
      case 'picture':
        offered(() => {
          this.#consume(id('producerId'), 'video');
        });
        break;
      case 'chat':
        offered(() => {
          this.#consumeData(id('dataProducerId'));
        });
        break;
      case 'ended':
        this.#consumers.get(id('consumerId'))?.close();
        this.#consumers.delete(id('consumerId'));
        break;
      case 'problem':
        this.#bot.refused(`${id('about')}: ${id('message')}`);
        break;
      default:
    }
  }

  #consume(producerId: string, kind: types.MediaKind): void {
    const { recvTransport } = this;
    if (!recvTransport || !this.#bot.consumes || !this.#bot.takes(kind)) return;
    const work = async () => {
      const { id, ...rest } = await this.#request<types.ConsumerOptions>('consume', {
        transportId: recvTransport.id,
        producerId,
        rtpCapabilities: this.#bot.device.recvRtpCapabilities,
      });
      const consumer = await recvTransport.consume({ id, ...rest });
      this.#consumers.set(consumer.id, consumer);
      await this.#request('resumeConsumer', { consumerId: consumer.id });
      this.#bot.consumed(consumer);
    };
    this.#try('consume', work);
  }

  #consumeData(dataProducerId: string): void {
    const { recvTransport } = this;
    if (!recvTransport || !this.#bot.data) return;
    const work = async () => {
      const asked = { transportId: recvTransport.id, dataProducerId };
      const dataConsumer = await recvTransport.consumeData(
        await this.#request<types.DataConsumerOptions>('consumeData', asked),
      );
      this.#consumers.set(dataConsumer.id, dataConsumer);
      this.#bot.dataConsumed(dataConsumer);
    };
    this.#try('consumeData', work);
  }

  /** What was offered may be over by the time that it is asked for: it is counted, and the bot goes on. */
  #try(what: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!this.#closed) this.#bot.refused(`${what}: ${(error as Error).message}`);
    });
  }

  async #createTransport(direction: 'send' | 'recv'): Promise<types.Transport> {
    const { device } = this.#bot;
    const options = await this.#request<types.TransportOptions>('createTransport');
    const transport =
      direction === 'send'
        ? device.createSendTransport(options)
        : device.createRecvTransport(options);
    const transportId = transport.id;
    transport.on('connect', ({ dtlsParameters }, callback, errback) => {
      this.#request('connectTransport', { transportId, dtlsParameters }).then(callback, errback);
    });
    transport.on('produce', ({ kind, rtpParameters }, callback, errback) => {
      const asked = { transportId, kind, rtpParameters };
      this.#request<{ id: string }>('produce', asked).then(callback, errback);
    });
    transport.on(
      'producedata',
      ({ sctpStreamParameters, label = '', protocol = '' }, callback, errback) => {
        const asked = { transportId, sctpStreamParameters, label, protocol };
        this.#request<{ id: string }>('produceData', asked).then(callback, errback);
      },
    );
    return transport;
  }

  async #request<T = never>(method: string, data: object = {}): Promise<T> {
    const response = await fetch(new URL(method, this.#base), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-visitor': this.#visitor },
      body: JSON.stringify(data),
      signal: this.#bot.signal,
    }).catch((error: unknown) => {
      throw reasonOf(error);
    });
    const body = (await response.json().catch(() => ({}))) as { error?: string };
    if (!response.ok) throw new Error(body.error ?? `HTTP status ${response.status}`);
    return body as T;
  }

  /** Not fetch(): it ends a stream on which nothing comes for five minutes. */
  async #get(path: string): Promise<http.IncomingMessage> {
    const url = new URL(path, this.#base);
    const { get } = url.protocol === 'https:' ? https : http;
    return await new Promise((resolve, reject) => {
      get(url, { agent: false, signal: this.#bot.signal }, resolve).on('error', reject);
    });
  }

  get #base(): string {
    const { url } = this.#bot;
    return url.endsWith('/') ? url : `${url}/`;
  }
}

async function errorOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  try {
    return (JSON.parse(text) as { error: string }).error;
  } catch {
    return `HTTP status ${response.statusCode ?? ''}`;
  }
}

/** fetch() hides it: what the system says is in the cause. */
function reasonOf(error: unknown): Error {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? cause : (error as Error);
}
