// What tests of a user open and close: a Worker that sends sound, picture and messages to a real server, and takes them back.
import { Device } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

async function request(method, data = {}) {
  const response = await fetch(`${process.env.ROOM}/${method}`, {
    method: 'POST',
    body: JSON.stringify(data),
    // Its connections are to keep nobody.
    headers: { connection: 'close' },
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`${method}: ${body.error}`);
  return body;
}

/** Resolves with what came, once everything is open and, unless KEEPS_OPEN says otherwise, closed again. */
export async function live() {
  const worker = await createWorker();
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const transport = await peer.createSendTransport();
  const source = { source: 'file', file: 'clip.mp4', loop: true };
  const stream = await worker.getUserMedia({ audio: source, video: source });
  const packets = [];
  for (const track of stream.getTracks()) {
    const consumer = await peer.consume(await transport.produce({ track }));
    packets.push(await received(consumer));
  }
  const producer = await transport.produceData();
  const consumer = await peer.consumeData(producer);
  const message = await new Promise((resolve) => {
    const timer = setInterval(() => producer.readyState === 'open' && producer.send('hello'), 50);
    consumer.once('message', (text) => {
      clearInterval(timer);
      resolve(text);
    });
  });
  if (!process.env.KEEPS_OPEN) {
    peer.close();
    worker.close();
  }
  return { packets, message };
}

async function received(consumer) {
  for (;;) {
    for (const stats of (await consumer.getStats()).values()) {
      if (stats.type === 'inbound-rtp' && stats.packetsReceived > 5) return stats.packetsReceived;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
