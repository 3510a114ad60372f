// A bot that fills a room: five of it, each with a transport to send and one to receive, hear one another.
// node room-bot.js <room url> <file>
import { Device, types } from 'mediasoup-client';
import { createWorker, Worker, AiortcMediaStream } from 'mediasoup-client-aiortc';
import { connect, request } from '../drop-in/signalling.js';

const PARTICIPANTS = 5;
// The app itself has 150 s.
const ARRIVES_MS = 90_000;

type Participant = {
  device: Device;
  send: types.Transport;
  recv: types.Transport;
  stream: AiortcMediaStream;
  producers: types.Producer[];
  consumers: types.Consumer[];
};

async function join(worker: Worker, url: string, file: string): Promise<Participant> {
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  await device.load({ routerRtpCapabilities: await request(url, 'getRouterRtpCapabilities') });
  const options = () => request<types.TransportOptions>(url, 'createTransport');
  const send = connect(url, device.createSendTransport(await options()));
  const recv = connect(url, device.createRecvTransport(await options()));
  const stream = await worker.getUserMedia({
    audio: { source: 'file', file, loop: true },
    video: { source: 'file', file, loop: true },
  });
  const producers: types.Producer[] = [];
  for (const track of stream.getTracks()) producers.push(await send.produce({ track }));
  return { device, send, recv, stream, producers, consumers: [] };
}

async function hear(url: string, { device, recv, consumers }: Participant, from: types.Producer) {
  const consumer = await recv.consume(
    await request<types.ConsumerOptions>(url, 'consume', {
      transportId: recv.id,
      producerId: from.id,
      rtpCapabilities: device.recvRtpCapabilities,
    }),
  );
  await request(url, 'resumeConsumer', { consumerId: consumer.id });
  consumers.push(consumer);
}

async function arrives(consumer: types.Consumer): Promise<void> {
  const deadline = performance.now() + ARRIVES_MS;
  for (;;) {
    const entries = [...(await consumer.getStats()).values()];
    if (entries.some(({ type, bytesReceived }) => type === 'inbound-rtp' && bytesReceived > 1000)) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`${consumer.kind} did not arrive: ${JSON.stringify(entries)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function run(url: string, file: string): Promise<void> {
  const worker = await createWorker({ logLevel: 'warn' });
  const all: Participant[] = [];
  for (let index = 0; index < PARTICIPANTS; index += 1) all.push(await join(worker, url, file));
  for (const one of all) {
    for (const other of all) {
      if (other === one) continue;
      for (const producer of other.producers) await hear(url, one, producer);
    }
  }
  const consumers = all.flatMap((one) => one.consumers);
  await Promise.all(consumers.map(arrives));
  const transports = (await worker.dump()).handlers.length;

  // They leave one after the other, each in another order, and the others are heard on.
  const left: number[] = [];
  for (const [index, { send, recv, stream }] of all.entries()) {
    const closing = [() => send.close(), () => recv.close(), () => stream.close()];
    for (let n = 0; n < closing.length; n += 1) closing[(n + index) % closing.length]?.();
    left.push((await worker.dump()).handlers.length);
  }
  const ended = consumers.filter(({ track }) => track.readyState === 'ended').length;
  const players = (await worker.dump()).players.length;
  const closed = new Promise<void>((resolve) => worker.on('subprocessclose', resolve));
  worker.close();
  await closed;
  console.log(JSON.stringify({ transports, consumers: consumers.length, left, ended, players }));
}

const [url = '', file = ''] = process.argv.slice(2);
run(url, file).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
