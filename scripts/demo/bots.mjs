// Who takes part in the demo: bots that send the file, and one receiver of all that they send.
import path from 'node:path';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import { DataReceiver, DataSender, MediaGauge } from './measure.mjs';

const MESSAGE_BYTES = 256;
const MESSAGE_EVERY_MS = 10;

export class Bot {
  notes = [];
  gauges = [];
  /** @type {import('mediasoup-client').types.Producer[]} */
  producers = [];
  /** @type {import('mediasoup-client').types.DataProducer} */
  dataProducer;
  /** @type {DataSender} */
  dataSender;

  /** Joins, and sends what the file has: video, audio or both, and a data channel. */
  static async start(room, watches, { handlerFactory, file, codec, label }) {
    const bot = new Bot();
    const device = new Device({ handlerFactory });
    const peer = await room.join({ device });
    const transport = await peer.createSendTransport();
    for (const kind of ['video', 'audio']) {
      try {
        bot.producers.push(await produce(device, transport, kind, { file, codec }));
      } catch (error) {
        // A file may well have no sound, or nothing else.
        bot.notes.push(`no ${kind}: ${error.message}`);
      }
    }
    if (bot.producers.length === 0) {
      throw Object.assign(new Error(`Nothing of ${file} can be sent:\n${bot.notes.join('\n')}`), {
        cure: 'give --file a media file with video or sound that FFmpeg can read',
      });
    }
    for (const producer of bot.producers) {
      const watch = watches.get(producer.id);
      const name = `${producer.kind}${label}`;
      bot.gauges.push(new MediaGauge(producer, { transport, way: 'sent', name, watch }));
    }
    bot.dataProducer = await transport.produceData({ label: `demo${label}` });
    bot.dataSender = new DataSender(bot.dataProducer, {
      everyMs: MESSAGE_EVERY_MS,
      size: MESSAGE_BYTES,
    });
    return bot;
  }

  get firstVideo() {
    return this.producers.find(({ kind }) => kind === 'video');
  }
}

async function produce(device, transport, kind, { file, codec }) {
  const track = new FakeMediaStreamTrack({
    kind,
    data: { sourceType: 'file', sourceValue: path.resolve(file), loop: true },
  });
  const wanted =
    kind === 'video'
      ? device.sendRtpCapabilities.codecs.find(
          ({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`,
        )
      : undefined;
  try {
    return await transport.produce({ track, codec: wanted });
  } catch (error) {
    track.stop();
    throw error;
  }
}

export class Receiver {
  /** What is received of each bot. */
  received = [];

  #consumers = new Map();
  #room;
  #peer;
  #watches;

  static async start(room, watches, { handlerFactory }) {
    const receiver = new Receiver();
    receiver.#room = room;
    receiver.#watches = watches;
    receiver.#peer = await room.join({ device: new Device({ handlerFactory }) });
    await receiver.#peer.createRecvTransport();
    return receiver;
  }

  /** The consumer of a producer, once there is one. */
  consumerOf({ id }) {
    return this.#consumers.get(id);
  }

  async receive(bot, label) {
    const transport = this.#peer.recvTransport;
    const gauges = [];
    for (const producer of bot.producers) {
      const consumer = await this.#room.consume(this.#peer, producer);
      const watch = this.#watches.get(consumer.id);
      const name = `${consumer.kind}${label}`;
      this.#consumers.set(producer.id, consumer);
      gauges.push(new MediaGauge(consumer, { transport, way: 'received', name, watch }));
    }
    const dataConsumer = await this.#room.consumeData(this.#peer, bot.dataProducer);
    this.received.push({ gauges, data: new DataReceiver(dataConsumer) });
  }
}
