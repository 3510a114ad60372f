// An app as it was written for mediasoup-client-aiortc. The name of the package is all that changed:
//
//   import { createWorker } from 'mediasoup-client-aiortc';
//
//   node examples/aiortc-app.mjs <room url> <media file> [seconds]
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-pion';
import { createTransport, signalling } from './signalling.mjs';

const [url, file, seconds = '10'] = process.argv.slice(2);
if (!url || !file || !(Number(seconds) > 0)) {
  console.error('Usage: node examples/aiortc-app.mjs <room url> <media file> [seconds]');
  process.exit(2);
}
const request = signalling(url);

const worker = await createWorker({ logLevel: 'warn' });
worker.on('died', (error) => console.error('worker died:', error));

const stream = await worker.getUserMedia({
  audio: { source: 'file', file, loop: true },
  video: { source: 'file', file, loop: true },
});
const device = new Device({ handlerFactory: worker.createHandlerFactory() });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });

const transport = await createTransport(device, 'send', request);
transport.on('connectionstatechange', (state) => console.log(`transport is ${state}`));
const video = await transport.produce({ track: stream.getVideoTracks()[0] });
const audio = await transport.produce({ track: stream.getAudioTracks()[0] });
const chat = await transport.produceData({ label: 'chat' });
// Who joins later hears what is sent later.
const greeting = setInterval(() => {
  if (chat.readyState === 'open') chat.send('hello');
}, 500);
console.log(`sending video ${video.id} and audio ${audio.id} from process ${worker.pid}`);

await sleep(Number(seconds) * 1000);
clearInterval(greeting);
console.log(await worker.dump());
transport.close();
stream.close();
worker.close();
