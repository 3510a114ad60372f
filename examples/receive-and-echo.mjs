// Receives everything that is sent to a room, and sends every data message back on a channel of its own.
//
//   node examples/receive-and-echo.mjs <room url> [seconds]
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import { createFactory } from 'mediasoup-client-pion';
import { createTransport, signalling } from './signalling.mjs';

const [url, seconds = '60'] = process.argv.slice(2);
if (!url || !(Number(seconds) > 0)) {
  console.error('Usage: node examples/receive-and-echo.mjs <room url> [seconds]');
  process.exit(2);
}
const request = signalling(url);

const device = new Device({ handlerFactory: createFactory('warn') });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
// Sending and receiving are transports of their own, which never share anything.
const sendTransport = await createTransport(device, 'send', request);
const recvTransport = await createTransport(device, 'recv', request);
const echo = await sendTransport.produceData({ label: 'echo' });

const known = new Set([echo.id]);
const consumers = [];
let echoed = 0;

async function receive({ id: producerId }) {
  const { recvRtpCapabilities: rtpCapabilities } = device;
  const transportId = recvTransport.id;
  const parameters = await request('consume', { transportId, producerId, rtpCapabilities });
  const consumer = await recvTransport.consume(parameters);
  // The server waits with the first keyframe until this side is ready.
  await request('resumeConsumer', { consumerId: consumer.id });
  consumers.push(consumer);
  console.log(`receiving ${consumer.kind}: ${consumer.rtpParameters.codecs[0].mimeType}`);
}

async function echoMessages({ id: dataProducerId }) {
  const parameters = await request('consumeData', {
    transportId: recvTransport.id,
    dataProducerId,
  });
  const dataConsumer = await recvTransport.consumeData(parameters);
  dataConsumer.on('message', (message) => {
    if (echo.readyState !== 'open') return;
    echo.send(message);
    echoed++;
  });
  console.log(`echoing "${dataConsumer.label}"`);
}

const end = Date.now() + Number(seconds) * 1000;
while (Date.now() < end) {
  // An app would be told of new producers; this one asks.
  const { producers, dataProducers } = await request('listProducers');
  for (const producer of producers) {
    if (!known.has(producer.id)) await receive(producer);
    known.add(producer.id);
  }
  for (const dataProducer of dataProducers) {
    if (!known.has(dataProducer.id)) await echoMessages(dataProducer);
    known.add(dataProducer.id);
  }
  await sleep(1000);
}

for (const consumer of consumers) {
  for (const entry of (await consumer.getStats()).values()) {
    if (entry.type === 'inbound-rtp') {
      const { packetsReceived, packetsLost } = entry;
      console.log(`${consumer.kind}: ${packetsReceived} packets, ${packetsLost} lost`);
    }
  }
}
console.log(`${echoed} messages echoed`);
sendTransport.close();
recvTransport.close();
