// A camera that speaks RTSP, named as a file: FFmpeg opens both alike. node rtsp-camera.mjs <room url> <rtsp url>
import { Device } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-aiortc';
import signalling from '../drop-in/signalling.cjs';
import { arrives, consume, event, step } from './steps.cjs';

const [url, camera] = process.argv.slice(2);
const { request, connect } = signalling(url);

const worker = await createWorker({ logLevel: 'warn' });
const stream = await worker.getUserMedia({
  audio: { source: 'file', file: camera, options: { rtsp_transport: 'tcp' } },
  video: { source: 'file', file: camera, options: { rtsp_transport: 'tcp' } },
});
const device = new Device({ handlerFactory: worker.createHandlerFactory() });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
const sendTransport = connect(device.createSendTransport(await request('createTransport')));
const recvTransport = connect(device.createRecvTransport(await request('createTransport')));

const consumers = [];
for (const track of stream.getTracks()) {
  const producer = await sendTransport.produce({ track });
  consumers.push(await consume({ request }, device, recvTransport, producer.id));
}
await step('live');
for (const consumer of consumers) await arrives(consumer);
const players = (await worker.dump()).players.length;

// What is received goes first, then the camera, then what sends it.
recvTransport.close();
stream.close();
sendTransport.close();
const closed = event(worker, 'subprocessclose');
worker.close();
await closed;
console.log(JSON.stringify({ players, kinds: consumers.map(({ kind }) => kind) }));
