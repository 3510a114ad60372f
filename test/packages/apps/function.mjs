// A function of a user: sends sound, picture and data through the server that the event names, takes them back, records
// them, and answers what came.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Device } from 'mediasoup-client';
import { createWorker, MediaRecorder, version } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

// For all invocations, as much as is opened outside of the handler.
const worker = await createWorker();
let count = 0;
/** A session that an invocation left open. */
let left;

export async function handler({ server, leaveOpen }) {
  const before = left && (await left.look());
  left?.close();
  left = undefined;

  const session = await hold(server);
  const { packets, recorded, message } = session;
  if (leaveOpen) left = session;
  else session.close();
  return {
    version,
    count: ++count,
    pid: process.pid,
    uid: process.getuid(),
    root: process.env.LAMBDA_TASK_ROOT,
    glibc: process.report.getReport().header.glibcVersionRuntime,
    packets,
    recorded,
    message,
    before,
    maxRSS: process.resourceUsage().maxRSS,
  };
}

async function hold(server) {
  async function request(method, data = {}) {
    const response = await fetch(`${server}/${method}`, {
      method: 'POST',
      body: JSON.stringify(data),
      headers: { connection: 'close' },
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`${method}: ${body.error}`);
    return body;
  }

  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const transport = await peer.createSendTransport();
  const states = [];
  transport.on('connectionstatechange', (state) => states.push(state));
  const source = {
    source: 'file',
    file: path.join(import.meta.dirname, 'clip.mp4'),
    loop: true,
  };
  const stream = await worker.getUserMedia({ audio: source, video: source });
  const consumers = [];
  for (const track of stream.getTracks()) {
    consumers.push(await peer.consume(await transport.produce({ track })));
  }
  const packets = [];
  for (const consumer of consumers) packets.push(await more(consumer, 0));

  const file = '/tmp/recording.webm';
  const recorder = new MediaRecorder(
    consumers.map(({ track }) => track),
    { file },
  );
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 500));
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
  return {
    packets,
    message,
    recorded: { frames, bytes: statSync(file).size, files: readdirSync('/tmp') },
    /** What became of it while the function stood still. */
    async look() {
      const received = [];
      for (const one of consumers) received.push(await more(one, await receivedBy(one)));
      return { states, received };
    },
    close() {
      for (const track of stream.getTracks()) track.stop();
      peer.close();
    },
  };
}

/** Resolves with how many packets came, as soon as there are five more than `count`. */
async function more(consumer, count) {
  for (const end = Date.now() + 20_000; ;) {
    const packets = await receivedBy(consumer);
    if (packets > count + 5) return packets;
    if (Date.now() > end) return 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function receivedBy(consumer) {
  for (const stats of (await consumer.getStats()).values()) {
    if (stats.type === 'inbound-rtp') return stats.packetsReceived;
  }
  return 0;
}
