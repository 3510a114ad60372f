// What the examples do alike: join a room, and receive what others send to it.
import { Device } from 'mediasoup-client';
import { createFactory } from 'mediasoup-client-pion';
import { createTransport, signalling } from './signalling.mjs';

/**
 * Joins the room at `url`. Sending and receiving are transports of their own. `others(f)` calls `f` with a consumer of
 * each producer that is not one of ours.
 */
export async function join(url) {
  const request = signalling(url);
  const device = new Device({ handlerFactory: createFactory('warn') });
  await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
  const send = await createTransport(device, 'send', request);
  const recv = await createTransport(device, 'recv', request);
  const ours = new Set();

  async function consume({ id: producerId }) {
    const { recvRtpCapabilities: rtpCapabilities } = device;
    const parameters = await request('consume', {
      transportId: recv.id,
      producerId,
      rtpCapabilities,
    });
    const consumer = await recv.consume(parameters);
    // The server waits with the first keyframe until this side is ready.
    await request('resumeConsumer', { consumerId: consumer.id });
    return consumer;
  }

  async function lookForOthers(f) {
    // An app would be told of new producers; this one asks.
    const { producers } = await request('listProducers');
    for (const producer of producers) {
      if (ours.has(producer.id)) continue;
      ours.add(producer.id);
      f(await consume(producer));
    }
  }

  return {
    async produce(track, options = {}) {
      const producer = await send.produce({ track, ...options });
      ours.add(producer.id);
      return producer;
    },
    others(f) {
      const timer = setInterval(() => {
        lookForOthers(f).catch((error) => console.error(error.message));
      }, 300);
      recv.observer.once('close', () => clearInterval(timer));
    },
    async leave() {
      for (const transport of [send, recv]) {
        transport.close();
        await request('closeTransport', { transportId: transport.id });
      }
    },
  };
}
