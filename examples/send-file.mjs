// Sends a media file's video and sound to a mediasoup server until the file ends.
//
//   node examples/send-file.mjs <room url> <media file>
import path from 'node:path';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import { createFactory } from 'mediasoup-client-pion';
import { createTransport, signalling } from './signalling.mjs';

const [url, file] = process.argv.slice(2);
if (!url || !file) {
  console.error('Usage: node examples/send-file.mjs <room url> <media file>');
  process.exit(2);
}
const request = signalling(url);

const device = new Device({ handlerFactory: createFactory('warn') });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
const transport = await createTransport(device, 'send', request);

// A track names its source; tracks that name the same one share it, and its clock.
const source = { sourceType: 'file', sourceValue: path.resolve(file) };
const producers = [];
const ends = [];
for (const kind of ['video', 'audio']) {
  const track = new FakeMediaStreamTrack({ kind, data: source });
  const producer = await transport.produce({ track });
  producers.push(producer);
  ends.push(new Promise((done) => producer.on('trackended', done)));
  console.log(`sending ${kind}`);
}

const report = setInterval(async () => {
  for (const producer of producers) {
    if (producer.closed) continue;
    for (const entry of (await producer.getStats()).values()) {
      if (entry.type === 'outbound-rtp') {
        console.log(`${producer.kind}: ${entry.packetsSent} packets, ${entry.bytesSent} bytes`);
      }
    }
  }
}, 2000);

await Promise.all(ends);
console.log('the file ended');
clearInterval(report);
transport.close();
await request('closeTransport', { transportId: transport.id });
