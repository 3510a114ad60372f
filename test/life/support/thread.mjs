// The thread of a participant, told from outside what to do: `live`, `close`, `metrics`.
import { parentPort, workerData } from 'node:worker_threads';
import { Rpc } from '../../network/support/rpc.mjs';
import { channelOf } from './channel.mjs';

let life;
let worker;

const outside = new Rpc(channelOf(parentPort), {
  async live() {
    const { live } = await import('./live.mjs');
    const request = (method, data) => outside.call('request', { method, data });
    const step = (name) => outside.call('step', name);
    life = await live(request, { ...workerData, step });
  },
  flows: () => life.flows(),
  async close() {
    await life.close();
    parentPort.unref();
  },
  /** What Go has in the process. */
  async metrics() {
    const { createWorker } = await import('mediasoup-client-pion');
    worker ??= await createWorker({ logLevel: 'none' });
    return (await worker.getMetrics()).process;
  },
});
parentPort.postMessage({ ready: true });
