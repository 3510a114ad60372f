// One visit to the room: joins it, receives the bot's file, chats, and sends a picture that comes back.
import { Device } from 'mediasoup-client';
// The same code as the examples for Node.js have: mediasoup-client is one and the same on both sides.
import { createTransport } from '../../examples/signalling.mjs';
import { Server } from './server.js';

const LIMIT_MS = 20_000;

const CURES = {
  server: 'See that “npm run demo” still runs in its terminal, then try again.',
  browser: 'Use a current Chrome, Edge, Firefox or Safari.',
  media:
    'Media goes by UDP to the address that this page came from, which an SSH tunnel does not carry. ' +
    'Firefox sends nothing to 127.0.0.1: start the demo with --host and this machine’s own address.',
};

export class Visit {
  onStep = () => {};
  onFailure = () => {};
  /** Gets the consumer of the own picture that came back, or undefined once it ended. */
  onBack = () => {};

  receiving;
  sending;
  /** Of the bot's file. */
  consumers = [];
  /** Producer of the own picture, and the consumer of what came back of it. */
  picture;
  back;
  ready = false;

  #server = new Server();
  #device;
  #closed = false;
  #step;
  #cure = CURES.server;
  #stop;
  #stopped = new Promise((_, reject) => (this.#stop = reject));
  #chat = Promise.withResolvers();
  #pictureTurn = Promise.resolve();
  #ended = new Set();

  constructor() {
    // Whoever waits hears of it.
    this.#stopped.catch(() => {});
    this.#server.onLost = () => this.#fail('server', 'The demo’s server is not there.');
    this.#server.onEvent = (name, data) => this.#take(name, data);
  }

  /** Resolves to the file's name and its consumers, once they are connected. */
  async join() {
    this.#begin('server', CURES.server);
    const { file, producers } = await this.#within(this.#server.open());

    this.#cure = CURES.browser;
    this.#device = await Device.factory();
    this.#cure = CURES.server;
    await this.#device.load({
      routerRtpCapabilities: await this.#server.request('getRouterRtpCapabilities'),
    });
    // Sending and receiving are transports of their own.
    this.receiving = await createTransport(this.#device, 'recv', this.#server.request);
    this.sending = await createTransport(this.#device, 'send', this.#server.request);
    for (const transport of [this.receiving, this.sending]) this.#watch(transport);
    this.onStep('server', 'connected');

    this.#begin('media', CURES.media);
    this.consumers = await this.#within(Promise.all(producers.map(({ id }) => this.#consume(id))));
    await this.#within(connected(this.receiving));
    this.onStep('media', 'connected');
    this.ready = true;
    return { file, consumers: this.consumers };
  }

  /** Resolves to the open channels, one for each way. */
  async openChat() {
    this.#begin('chat', CURES.media);
    const producer = await this.#within(this.sending.produceData({ label: 'chat' }));
    // The bot answers on a channel of its own, once it listens to ours.
    const dataProducerId = await this.#within(this.#chat.promise);
    const transportId = this.receiving.id;
    const parameters = await this.#server.request('consumeData', { transportId, dataProducerId });
    const consumer = await this.receiving.consumeData(parameters);
    await this.#within(Promise.all([opened(producer), opened(consumer)]));
    this.onStep('chat', 'connected');
    return { producer, consumer };
  }

  /** Sends a video track; onBack() hears when it comes back. */
  sendPicture(track) {
    return this.#inTurn(async () => {
      this.onStep('picture', 'connecting');
      this.picture = await this.sending.produce({ track });
    });
  }

  stopPicture() {
    return this.#inTurn(async () => {
      const { picture } = this;
      if (!picture) return;
      this.picture = undefined;
      picture.close();
      this.onStep('picture', 'off');
      await this.#server.request('closeProducer', { producerId: picture.id });
    }).catch((error) => this.fail(error));
  }

  /** Ends the visit with words for the one who sees the page. */
  fail(error) {
    if (this.#closed) return;
    this.close();
    if (this.#step) this.onStep(this.#step, 'failed');
    this.onFailure({ message: error.message, cure: this.#cure });
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.ready = false;
    this.#stop(new Error('the visit is over'));
    this.sending?.close();
    this.receiving?.close();
    this.#server.close();
  }

  #begin(step, cure) {
    this.#step = step;
    this.#cure = cure;
    this.onStep(step, 'connecting');
  }

  async #consume(producerId) {
    const { request } = this.#server;
    const { recvRtpCapabilities: rtpCapabilities } = this.#device;
    const transportId = this.receiving.id;
    const consumer = await this.receiving.consume(
      await request('consume', { transportId, producerId, rtpCapabilities }),
    );
    // The server waits with the first keyframe until this side is ready.
    try {
      await request('resumeConsumer', { consumerId: consumer.id });
    } catch (error) {
      consumer.close();
      throw error;
    }
    return consumer;
  }

  #take(name, data) {
    if (name === 'chat') this.#chat.resolve(data.dataProducerId);
    if (name === 'picture') void this.#takeBack(data.producerId);
    if (name === 'ended') this.#end(data.consumerId);
    if (name === 'problem') {
      if (data.about === 'picture') this.onStep('picture', 'failed');
      else this.fail(new Error(`The bot failed: ${data.message}`));
    }
  }

  async #takeBack(producerId) {
    try {
      const consumer = await this.#consume(producerId);
      // It may be over by now: what was sent was stopped.
      if (this.#closed || this.#ended.delete(consumer.id)) {
        consumer.close();
        return;
      }
      this.back = consumer;
      this.onStep('picture', 'connected');
      this.onBack(consumer);
    } catch {
      if (this.picture) this.onStep('picture', 'failed');
    }
  }

  #end(consumerId) {
    if (this.back?.id !== consumerId) {
      this.#ended.add(consumerId);
      return;
    }
    this.back.close();
    this.back = undefined;
    this.onBack(undefined);
  }

  #watch(transport) {
    transport.on('connectionstatechange', (state) => {
      if (this.#closed) return;
      if (state === 'failed') {
        this.#fail('media', 'The browser does not reach the media server.');
      } else if (this.ready && transport === this.receiving) {
        this.onStep('media', state === 'connected' ? 'connected' : 'connecting');
      }
    });
  }

  #fail(step, message) {
    this.#step = step;
    this.#cure = CURES[step];
    this.fail(new Error(message));
  }

  /** What never comes is a failure too. */
  async #within(work) {
    let timer;
    const late = new Promise((_, reject) => {
      const message = `No answer within ${LIMIT_MS / 1000} seconds.`;
      timer = setTimeout(() => reject(new Error(message)), LIMIT_MS);
    });
    try {
      return await Promise.race([work, late, this.#stopped]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stopping has to reach the server before the next start does. */
  #inTurn(work) {
    const result = this.#pictureTurn.then(() => (this.#closed ? undefined : work()));
    this.#pictureTurn = result.catch(() => {});
    return result;
  }
}

async function connected(transport) {
  while (transport.connectionState !== 'connected') {
    await new Promise((resolve) => transport.once('connectionstatechange', resolve));
  }
}

async function opened(channel) {
  if (channel.readyState !== 'open') await new Promise((resolve) => channel.once('open', resolve));
}
