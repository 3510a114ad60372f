// An app as the README of mediasoup-client-aiortc 3.0 has it. node factory-app.js <room url> <path>
import * as mediasoupClient from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory, WorkerLogLevel } from 'mediasoup-client-aiortc';
import { connect, request } from './signalling.js';

async function run(url: string, sourceValue: string): Promise<void> {
  const level: WorkerLogLevel = 'warn';
  const handlerFactory: mediasoupClient.types.HandlerFactory = createFactory(level);
  const device = new mediasoupClient.Device({ handlerFactory });
  await device.load({ routerRtpCapabilities: await request(url, 'getRouterRtpCapabilities') });
  const options: mediasoupClient.types.TransportOptions = await request(url, 'createTransport');
  const transport = connect(url, device.createSendTransport(options));
  const producers: string[] = [];
  for (const kind of ['audio', 'video']) {
    const track = new FakeMediaStreamTrack({ kind, data: { sourceType: 'file', sourceValue } });
    producers.push((await transport.produce({ track })).kind);
  }
  await new Promise((resolve) => {
    process.stdin.once('data', resolve);
    console.log('sending');
  });
  process.stdin.destroy();
  transport.close();
  console.log(JSON.stringify({ producers, level }));
}

const [url = '', file = ''] = process.argv.slice(2);
run(url, file).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
