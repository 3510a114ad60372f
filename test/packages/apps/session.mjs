// An app of a user: sends sound, picture and data through the server whose address is its argument, takes them back,
// and prints what came.
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import { createFactory, version } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

const [url, file] = process.argv.slice(2);

async function request(method, data = {}) {
  const response = await fetch(`${url}/${method}`, { method: 'POST', body: JSON.stringify(data) });
  const body = await response.json();
  if (!response.ok) throw new Error(`${method}: ${body.error}`);
  return body;
}

const device = await Device.factory({ handlerFactory: createFactory() });
const peer = await Peer.join({ device, request });
const transport = await peer.createSendTransport();

const result = { version, node: process.versions.node };
for (const kind of ['audio', 'video']) {
  const data = { sourceType: 'file', sourceValue: file, loop: true };
  const producer = await transport.produce({ track: new FakeMediaStreamTrack({ kind, data }) });
  const consumer = await peer.consume(producer);
  result[kind] = await received(consumer);
}

const producer = await transport.produceData();
const consumer = await peer.consumeData(producer);
if (producer.readyState !== 'open') await new Promise((resolve) => producer.once('open', resolve));
result.message = await new Promise((resolve) => {
  const timer = setInterval(() => producer.send('hello'), 100);
  consumer.once('message', (message) => {
    clearInterval(timer);
    resolve(message);
  });
});

console.log(JSON.stringify(result));
peer.close();

/** Resolves with how many packets came, as soon as there are some. */
async function received(consumer) {
  for (;;) {
    for (const stats of (await consumer.getStats()).values()) {
      if (stats.type === 'inbound-rtp' && stats.packetsReceived > 20) return stats.packetsReceived;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
