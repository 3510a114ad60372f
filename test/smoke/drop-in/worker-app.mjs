// An app as the README of mediasoup-client-aiortc 3.16 has it. node worker-app.mjs <room url> <file: URL>
import * as mediasoupClient from 'mediasoup-client';
import { AiortcMediaStream, Worker, createWorker } from 'mediasoup-client-aiortc';
import signalling from './signalling.cjs';

const [url, file] = process.argv.slice(2);
const { request, connect } = signalling(url);
const events = [];

const worker = await createWorker({ logLevel: 'warn' });
worker.on('died', (error) => events.push(`died: ${error.message}`));
const subprocessClosed = new Promise((resolve) => worker.on('subprocessclose', resolve));

const stream = await worker.getUserMedia({
  audio: { source: 'file', file },
  video: { source: 'file', file, loop: true },
});
const audioTrack = stream.getAudioTracks()[0];
const videoTrack = stream.getVideoTracks()[0];

const device = new mediasoupClient.Device({ handlerFactory: worker.createHandlerFactory() });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });

const sendTransport = connect(device.createSendTransport(await request('createTransport')));
const recvTransport = connect(device.createRecvTransport(await request('createTransport')));
sendTransport.on('connectionstatechange', (state) => events.push(`send ${state}`));

const audioProducer = await sendTransport.produce({ track: audioTrack });
const videoProducer = await sendTransport.produce({ track: videoTrack });
const dataProducer = await sendTransport.produceData({ label: 'chat' });

const consumer = await recvTransport.consume(
  await request('consume', {
    transportId: recvTransport.id,
    producerId: videoProducer.id,
    rtpCapabilities: device.recvRtpCapabilities,
  }),
);
await request('resumeConsumer', { consumerId: consumer.id });

const dataConsumer = await recvTransport.consumeData(
  await request('consumeData', { transportId: recvTransport.id, dataProducerId: dataProducer.id }),
);
const received = [];
let isHeard = false;
const allReceived = new Promise((resolve) => {
  dataConsumer.on('message', (message) => {
    if (message === 'does anybody hear me?') {
      isHeard = true;
      return;
    }
    received.push(typeof message === 'string' ? message : [...new Uint8Array(message)]);
    if (received.length === 2) resolve();
  });
});
await Promise.all(
  [dataProducer, dataConsumer].map(async (data) => {
    if (data.readyState !== 'open') await new Promise((resolve) => data.on('open', resolve));
  }),
);
// The server drops what comes before its own side of the consumer's association is up.
while (!isHeard) {
  dataProducer.send('does anybody hear me?');
  await new Promise((resolve) => setTimeout(resolve, 50));
}
dataProducer.send('hello');
dataProducer.send(Buffer.from([1, 2, 3]));
await allReceived;

let bytesReceived = 0;
while (bytesReceived === 0) {
  for (const entry of (await consumer.getStats()).values()) {
    if (entry.type === 'inbound-rtp') bytesReceived = entry.bytesReceived;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}

const report = {
  classes: [worker instanceof Worker, stream instanceof AiortcMediaStream],
  pid: typeof worker.pid,
  tracks: stream.getTracks().map(({ kind, readyState }) => `${kind} ${readyState}`),
  producers: [audioProducer.kind, videoProducer.kind],
  consumer: [consumer.kind, consumer.track.kind, consumer.track.readyState],
  received,
  dump: Object.keys(await worker.dump()).sort(),
};
// Until the test has seen what arrives at the server.
await new Promise((resolve) => {
  process.stdin.once('data', resolve);
  console.log('sending');
});
process.stdin.destroy();

sendTransport.close();
recvTransport.close();
stream.close();
worker.close();
await subprocessClosed;
console.log(
  JSON.stringify({
    ...report,
    events,
    closed: [worker.closed, worker.died, worker.subprocessClosed],
  }),
);
