// The same in TypeScript, as a user has it: type-checked, then compiled and run.
import { createWorker, version } from 'mediasoup-client-pion';
import type { Worker, WorkerDump } from 'mediasoup-client-pion';

async function main(): Promise<void> {
  const worker: Worker = await createWorker({ logLevel: 'warn' });
  const { players }: WorkerDump = await worker.dump();
  worker.close();
  console.log(JSON.stringify({ version, players }));
}

void main();
