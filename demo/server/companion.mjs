// The bot's half of a page's visit, in this very process: it answers the chat and sends the page's picture back.
import { once } from 'node:events';
import { Device } from 'mediasoup-client';
import { createTransport } from '../../examples/signalling.mjs';
import { answerTo } from './answers.mjs';

const OPEN_LIMIT_MS = 20_000;
// A page that does not read what it asked for gets no more of it.
const MAX_BUFFERED_BYTES = 64_000;

export class Companion {
  #request;
  #bot;
  #device;
  #sending;
  #receiving;
  #picture;
  #closed = false;
  #turn = Promise.resolve();

  /** Joins the room that `server` is the server of, with `handlerFactory` doing the media. */
  static async join({ server, handlerFactory, bot }) {
    const companion = new Companion();
    // The same requests as a bot on another machine would send (examples/signalling.mjs).
    companion.#request = (method, data = {}) => server.request(method, data);
    companion.#bot = bot;
    const device = new Device({ handlerFactory });
    await device.load({
      routerRtpCapabilities: await companion.#request('getRouterRtpCapabilities'),
    });
    companion.#device = device;
    companion.#sending = await createTransport(device, 'send', companion.#request);
    companion.#receiving = await createTransport(device, 'recv', companion.#request);
    return companion;
  }

  /** Answers what comes on a data producer; resolves to the id of the one that the answers come on. */
  chat(dataProducerId) {
    return this.#inTurn(async () => {
      const transportId = this.#receiving.id;
      const parameters = await this.#request('consumeData', { transportId, dataProducerId });
      const heard = await this.#receiving.consumeData(parameters);
      const said = await this.#sending.produceData({ label: 'chat' });
      heard.on('message', (message) => this.#answer(said, message));
      // What is said before both are open is lost.
      await Promise.all([opened(heard), opened(said)]);
      return said.id;
    });
  }

  /**
   * Receives a video and sends the very packets on, neither decoded nor encoded again: the track of a consumer is a
   * track to produce. Resolves to the id of the new producer.
   */
  sendBack(producerId) {
    return this.#inTurn(async () => {
      const { recvRtpCapabilities: rtpCapabilities, sendRtpCapabilities } = this.#device;
      const transportId = this.#receiving.id;
      const asked = { transportId, producerId, rtpCapabilities };
      const consumer = await this.#receiving.consume(await this.#request('consume', asked));
      const { mimeType } = consumer.rtpParameters.codecs[0];
      const codec = sendRtpCapabilities.codecs.find((one) => sameName(one.mimeType, mimeType));
      const producer = await this.#sending.produce({ track: consumer.track, codec });
      // Now that it has somewhere to go: resuming asks for a keyframe.
      await this.#request('resumeConsumer', { consumerId: consumer.id });
      this.#picture = { consumer, producer };
      return producer.id;
    });
  }

  /** Resolves to the id of the producer that is no more. */
  stopSendingBack() {
    return this.#inTurn(async () => {
      const { consumer, producer } = this.#picture ?? {};
      this.#picture = undefined;
      producer?.close();
      consumer?.close();
      // As in any app: what this side closes, it tells the server. The consumer there ended with its producer.
      if (producer) await this.#request('closeProducer', { producerId: producer.id });
      return producer?.id;
    });
  }

  close() {
    this.#closed = true;
    for (const transport of [this.#sending, this.#receiving]) {
      transport.close();
      this.#request('closeTransport', { transportId: transport.id }).catch(() => {});
    }
  }

  async #answer(said, message) {
    if (said.bufferedAmount > MAX_BUFFERED_BYTES) return;
    // Statistics of what was closed in this moment cannot be had.
    const answer = await answerTo(message, this.#bot).catch(
      ({ message: why }) => `I can’t: ${why}`,
    );
    if (said.readyState === 'open') said.send(answer);
  }

  /** Start and stop may come faster than either is done. */
  #inTurn(work) {
    const result = this.#turn.then(() => {
      if (this.#closed) throw new Error('the page is gone');
      return work();
    });
    this.#turn = result.catch(() => {});
    return result;
  }
}

async function opened(channel) {
  if (channel.readyState === 'open') return;
  await once(channel, 'open', { signal: AbortSignal.timeout(OPEN_LIMIT_MS) });
}

function sameName(one, other) {
  return one.toLowerCase() === other.toLowerCase();
}
