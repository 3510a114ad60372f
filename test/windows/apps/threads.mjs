// An app whose worker threads send to a server and take back: two at once, then one that is terminated with its media flowing.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { live } from './life.mjs';

async function thread(env) {
  const worker = new Worker(new URL(import.meta.url), { env: { ...process.env, ...env } });
  const [result] = await once(worker, 'message');
  return { worker, result };
}

if (isMainThread) {
  const closed = await Promise.all(
    [0, 1].map(async () => {
      const { worker, result } = await thread();
      const [code] = await once(worker, 'exit');
      return { ...result, code };
    }),
  );
  const { worker, result } = await thread({ KEEPS_OPEN: '1' });
  const code = await worker.terminate();
  console.log(JSON.stringify({ closed, terminated: { ...result, code } }));
} else {
  parentPort.postMessage(await live());
}
