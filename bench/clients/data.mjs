// A process that sends data messages to itself through the server: of each size as many a second as go, then one at
// a time.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { endSoon, serveChild } from '../measure/child.mjs';
import { median, quantile } from '../measure/statistics.mjs';
import { peersDir } from '../peers/setup.mjs';

const SILENCE_MS = 2000;
const HEADER = 16;

const loaders = {
  async ours() {
    const { createFactory } = await import('../../dist/index.mjs');
    const { Device } = await import('mediasoup-client');
    const handlerFactory = createFactory();
    return () => new Device({ handlerFactory });
  },
  async wrtc() {
    const require = createRequire(path.join(peersDir, 'package.json'));
    // mediasoup-client's Chrome handler takes WebRTC from the globals, as in a browser.
    Object.assign(globalThis, withoutUndefined(require('@roamhq/wrtc')));
    const { Device } = require('mediasoup-client');
    return () => new Device({ handlerName: 'Chrome111' });
  },
};

serveChild(async ({ client, flows, singles, outstanding, limitMs }, { request }) => {
  const makeDevice = await loaders[client]();
  const sender = await Peer.join({ device: makeDevice(), request });
  const receiver = await Peer.join({ device: makeDevice(), request });
  const transport = await sender.createSendTransport();
  const producer = await transport.produceData({ label: 'bench' });
  const consumer = await receiver.consumeData(producer);
  await Promise.all([producer, consumer].map(opened));

  const flow = new Flow(producer, consumer);
  const { size: usual } = singles;
  await flow.run({ size: usual, messages: 200, outstanding: 1, limitMs });
  const many = [];
  for (const { size, messages } of flows) {
    const { perSecond, lost } = await flow.run({ size, messages, outstanding, limitMs });
    many.push({ perSecond, lost });
  }
  const single = await flow.run({ ...singles, outstanding: 1, limitMs });

  sender.close();
  receiver.close();
  endSoon();
  return {
    flows: many,
    lost: single.lost,
    medianMs: median(single.delays),
    p99Ms: quantile(single.delays, 0.99),
  };
});

/** Numbered messages with at most so many under way. */
class Flow {
  #producer;
  #consumer;
  #message;
  #numbers;
  #next = 0;

  constructor(producer, consumer) {
    this.#producer = producer;
    this.#consumer = consumer;
  }

  run({ size, messages, outstanding, limitMs }) {
    this.#message = new Uint8Array(size);
    this.#numbers = new Float64Array(this.#message.buffer, 0, HEADER / 8);
    const first = this.#next;
    const end = first + messages;
    const delays = [];
    const started = performance.now();
    let lastAt = started;
    let passed = first;
    let arrived = 0;

    return new Promise((resolve) => {
      const fill = () => {
        while (this.#next < end && this.#next - passed < outstanding) this.#send();
      };
      const take = (data) => {
        const [number, sentAt] = new Float64Array(data, 0, HEADER / 8);
        if (number < first) return;
        lastAt = performance.now();
        delays.push(lastAt - sentAt);
        arrived++;
        // In order: what was jumped over is lost.
        passed = number + 1;
        if (passed === end) finish();
        else fill();
      };
      const check = setInterval(() => {
        const now = performance.now();
        if (now - lastAt > SILENCE_MS || now - started > limitMs) finish();
      }, 100);
      const finish = () => {
        clearInterval(check);
        this.#consumer.off('message', take);
        const sent = this.#next - first;
        this.#next = end;
        resolve({
          perSecond: (1000 * arrived) / (lastAt - started),
          lost: sent - arrived,
          delays,
        });
      };
      this.#consumer.on('message', take);
      fill();
    });
  }

  #send() {
    this.#numbers[0] = this.#next++;
    this.#numbers[1] = performance.now();
    this.#producer.send(this.#message);
  }
}

async function opened(channel) {
  if (channel.readyState !== 'open') await once(channel, 'open');
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
