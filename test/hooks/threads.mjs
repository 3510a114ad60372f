// A program whose threads load the core one after another, for tests. It prints the reports of crashes that there are
// after each:
//   threads.mjs (main|thread|terminated|running|exit)...
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createWorker } from 'mediasoup-client-pion';

async function load() {
  const worker = await createWorker({ logLevel: 'none' });
  // Its answer comes after that to what was asked first.
  await worker.dump();
  worker.close();
}

const steps = {
  main: load,
  async thread() {
    const [code] = await once(new Worker(new URL(import.meta.url)), 'exit');
    if (code !== 0) throw new Error(`the thread ended with ${code}`);
  },
  async terminated() {
    await (await running()).terminate();
  },
  async running() {
    (await running()).unref();
  },
  exit() {
    process.exit(0);
  },
};

/** A thread that has loaded the core and goes on. */
async function running() {
  const thread = new Worker(new URL(import.meta.url), { workerData: 'stay' });
  await once(thread, 'message');
  return thread;
}

if (isMainThread) {
  for (const step of process.argv.slice(2)) {
    await steps[step]();
    console.log(step, readdirSync(process.env.MEDIASOUP_CLIENT_PION_CRASH_REPORTS).length);
  }
} else {
  await load();
  if (workerData === 'stay') {
    setInterval(() => undefined, 60_000);
    parentPort.postMessage('loaded');
  }
}
