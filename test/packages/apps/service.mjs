// A service of a user: sends sound, picture and data through the server whose address is in a file beside it, takes
// them back, records them, and says what came; then goes on until it is told to end, or to crash.
import { readFileSync } from 'node:fs';
import { mkdtemp, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Device } from 'mediasoup-client';
import { createWorker, MediaRecorder } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

const beside = (name) => path.join(import.meta.dirname, name);
const url = readFileSync(beside('server.txt'), 'utf8');

async function request(method, data = {}) {
  const response = await fetch(`${url}/${method}`, {
    method: 'POST',
    body: JSON.stringify(data),
    // Its connections are to keep nobody.
    headers: { connection: 'close' },
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`${method}: ${body.error}`);
  return body;
}

const worker = await createWorker();
const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
const peer = await Peer.join({ device, request });
const transport = await peer.createSendTransport();
const source = { source: 'file', file: beside('clip.mp4'), loop: true };
const stream = await worker.getUserMedia({ audio: source, video: source });
const consumers = [];
for (const track of stream.getTracks()) {
  consumers.push(await peer.consume(await transport.produce({ track })));
}

const packets = [];
for (const consumer of consumers) packets.push(await received(consumer));

const folder = process.env.STATE_DIRECTORY ?? (await mkdtemp(path.join(os.tmpdir(), 'service-')));
const file = path.join(folder, 'recording.webm');
const recorder = new MediaRecorder(
  consumers.map(({ track }) => track),
  { file },
);
recorder.start();
const begun = await new Promise((resolve, reject) => {
  recorder.onstart = () => resolve(true);
  recorder.onerror = ({ error }) => reject(error);
});
await new Promise((resolve) => setTimeout(resolve, 1500));
const { frames } = await recorder.stop();

const producer = await transport.produceData();
const consumer = await peer.consumeData(producer);
const message = await new Promise((resolve) => {
  const timer = setInterval(() => producer.readyState === 'open' && producer.send('hello'), 50);
  consumer.once('message', (text) => {
    clearInterval(timer);
    resolve(text);
  });
});

const { worker: own, process: all } = await worker.getMetrics();
const answer = {
  pid: process.pid,
  uid: process.getuid(),
  packets,
  message,
  recorded: begun && { file, frames, bytes: (await stat(file)).size },
  sockets: own.network.sockets,
  goroutines: all.goroutines,
};
console.log(`works ${JSON.stringify(answer)}`);

process.once('SIGTERM', () => {
  peer.close();
  worker.close();
});
process.once('SIGUSR2', () => process.abort());

async function received(consumer) {
  for (;;) {
    for (const stats of (await consumer.getStats()).values()) {
      if (stats.type === 'inbound-rtp' && stats.packetsReceived > 5) return stats.packetsReceived;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
