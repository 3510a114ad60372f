// Numbered messages that come from another thread of this process while the main one stands still.
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Device } from 'mediasoup-client';
import { Peer } from '../../e2e/support/peer.mjs';
import { signalling } from '../../../examples/signalling.mjs';

/** Has a thread join the room at `url` and send numbers, which `peer` receives. */
export async function receiveNumbers(peer, url) {
  const thread = new Worker(new URL(import.meta.url), { workerData: { url } });
  const [producer] = await once(thread, 'message');
  const consumer = await peer.consumeData(producer);
  const numbers = [];
  consumer.on('message', (data) => numbers.push(Number(data)));
  const some = async (count) => {
    const wanted = numbers.length + count;
    while (numbers.length < wanted) await once(consumer, 'message');
  };
  return {
    some,
    /** Resolves when all have come, in their order. */
    async end() {
      thread.postMessage('end');
      const [{ sent }] = await once(thread, 'message');
      while (numbers.at(-1) !== sent - 1) await once(consumer, 'message');
      const [first] = numbers;
      const wrong = numbers.findIndex((number, at) => number !== first + at);
      if (wrong >= 0) throw new Error(`${numbers[wrong]} came after ${numbers[wrong - 1]}`);
    },
  };
}

async function send() {
  const { createWorker } = await import('mediasoup-client-pion');
  const worker = await createWorker({ logLevel: 'none' });
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request: signalling(workerData.url) });
  const transport = await peer.createSendTransport();
  const channel = await transport.produceData({ label: 'numbers' });
  let sent = 0;
  const talk = setInterval(() => {
    if (channel.readyState === 'open') channel.send(String(sent++));
  }, 2);
  parentPort.postMessage({ id: channel.id });
  await once(parentPort, 'message');
  clearInterval(talk);
  parentPort.postMessage({ sent });
  // What waits for a receiver that stood still leaves before the channel does.
  while (channel.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  // The thread ends with its process.
  setInterval(() => {}, 60_000);
}

if (!isMainThread && workerData?.url) await send();
