// A bot that makes load: Workers with Devices side by side, whose factory it awaits although it is there at once.
// node load-bot.mjs <room url> <file>
import { Device } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-aiortc';
import signalling from '../drop-in/signalling.cjs';
import { arrives, consume, event, step } from './steps.cjs';

const WORKERS = 2;
const DEVICES = 3;
const [url, file] = process.argv.slice(2);
const { request, connect } = signalling(url);

async function join(worker) {
  const handlerFactory = await worker.createHandlerFactory();
  const device = await Device.factory({ handlerFactory });
  await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
  const transport = connect(device.createSendTransport(await request('createTransport')));
  const stream = await worker.getUserMedia({
    audio: { source: 'file', file, loop: true },
    video: { source: 'file', file, loop: true },
  });
  const producers = await Promise.all(
    stream.getTracks().map((track) => transport.produce({ track })),
  );
  return { device, producers };
}

const workers = await Promise.all(
  Array.from({ length: WORKERS }, () => createWorker({ logLevel: 'warn' })),
);
const bots = await Promise.all(
  workers.flatMap((worker) => Array.from({ length: DEVICES }, () => join(worker))),
);
await step('loaded');
// Each hears the next one, all begin at once.
const consumers = await Promise.all(
  bots.map(async ({ device }, index) => {
    const { producers } = bots[(index + 1) % bots.length];
    const transport = connect(device.createRecvTransport(await request('createTransport')));
    return await Promise.all(
      producers.map(({ id }) => consume({ request }, device, transport, id)),
    );
  }),
);
await Promise.all(consumers.flat().map(arrives));
const players = [];
for (const worker of workers) players.push((await worker.dump()).players.length);
const ended = consumers
  .flat()
  .map(({ track }) => new Promise((resolve) => (track.onended = resolve)));

// The Workers alone are closed: all that is theirs goes with them.
const closed = workers.map((worker) => event(worker, 'subprocessclose'));
for (const worker of workers.toReversed()) worker.close();
await Promise.all([...ended, ...closed]);
console.log(JSON.stringify({ players, consumers: consumers.flat().length }));
