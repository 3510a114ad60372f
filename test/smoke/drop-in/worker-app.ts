// An app as the README of mediasoup-client-aiortc 3.16 has it. node worker-app.js <room url> <file: URL>
import * as mediasoupClient from 'mediasoup-client';
import {
  createWorker,
  Worker,
  WorkerSettings,
  WorkerLogLevel,
  AiortcMediaStream,
  AiortcMediaStreamConstraints,
  AiortcMediaTrackConstraints,
} from 'mediasoup-client-aiortc';
import { connect, request } from './signalling.js';

async function run(url: string, file: string): Promise<void> {
  const logLevel: WorkerLogLevel = 'warn';
  const settings: WorkerSettings = { logLevel };
  const worker: Worker = await createWorker(settings);
  const events: string[] = [];
  worker.on('died', (error: Error) => events.push(`died: ${error.message}`));
  const subprocessClosed = new Promise<void>((resolve) => {
    worker.on('subprocessclose', () => resolve());
  });

  const video: AiortcMediaTrackConstraints = { source: 'file', file, loop: true };
  const constraints: AiortcMediaStreamConstraints = { audio: { source: 'file', file }, video };
  const stream: AiortcMediaStream = await worker.getUserMedia(constraints);

  const device = new mediasoupClient.Device({ handlerFactory: worker.createHandlerFactory() });
  await device.load({ routerRtpCapabilities: await request(url, 'getRouterRtpCapabilities') });
  const options: mediasoupClient.types.TransportOptions = await request(url, 'createTransport');
  const transport = connect(url, device.createSendTransport(options));
  const producers: string[] = [];
  for (const track of stream.getTracks()) {
    producers.push((await transport.produce({ track })).kind);
  }
  const stats: RTCStatsReport = await transport.getStats();
  const dump = (await worker.dump()) as object;

  await new Promise((resolve) => {
    process.stdin.once('data', resolve);
    console.log('sending');
  });
  process.stdin.destroy();
  const [playing] = stream.getVideoTracks();
  playing?.stop();
  transport.close();
  stream.close();
  worker.close();
  await subprocessClosed;
  console.log(
    JSON.stringify({
      pid: typeof worker.pid,
      producers,
      transports: [...stats.values()].filter(({ type }) => type === 'transport').length,
      dump: Object.keys(dump).sort(),
      events,
      closed: [worker.closed, worker.died, worker.subprocessClosed],
    }),
  );
}

const [url = '', file = ''] = process.argv.slice(2);
run(url, file).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
