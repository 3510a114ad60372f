// How bots of `npx mediasoup-client-pion load --adapter` join a server of your own: here one that answers HTTP POSTs, as the
// room of the examples does. Put your app's signalling in its place.
import { createTransport, signalling } from '../../examples/signalling.mjs';

const LOOK_EVERY_MS = 500;

/** @type {import('mediasoup-client-pion').LoadAdapter} */
export default {
  async join(bot) {
    const request = signalling(bot.url);
    await bot.device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
    const sendTransport = await createTransport(bot.device, 'send', request);
    const recvTransport = await createTransport(bot.device, 'recv', request);

    // This server tells of no new producers: it is asked now and then. Yours may call consume() when they come.
    const known = new Set();
    const own = new Set();
    sendTransport.observer.on('newproducer', ({ id }) => own.add(id));
    const look = async () => {
      const { producers } = await request('listProducers');
      for (const { id, kind } of producers) {
        if (own.has(id) || known.has(id) || !bot.takes(kind)) continue;
        known.add(id);
        await consume(bot, request, recvTransport, id);
      }
    };
    const timer = setInterval(
      () => look().catch(({ message }) => bot.refused(message)),
      LOOK_EVERY_MS,
    );
    return {
      sendTransport,
      recvTransport,
      async close() {
        clearInterval(timer);
        for (const transport of [sendTransport, recvTransport]) {
          transport.close();
          await request('closeTransport', { transportId: transport.id });
        }
      },
    };
  },
};

async function consume(bot, request, transport, producerId) {
  const { recvRtpCapabilities: rtpCapabilities } = bot.device;
  const asked = { transportId: transport.id, producerId, rtpCapabilities };
  const consumer = await transport.consume(await request('consume', asked));
  await request('resumeConsumer', { consumerId: consumer.id });
  bot.consumed(consumer);
}
