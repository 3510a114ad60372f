// A thread that has a source open, which somebody reads.
import { parentPort, workerData } from 'node:worker_threads';
import { MediaStreamTrackProcessor, createWorker } from 'mediasoup-client-pion';

const worker = await createWorker({ logLevel: 'none' });
const file = { source: 'file', file: workerData, loop: true };
const [track] = (await worker.getUserMedia({ audio: file })).getTracks();
const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
(await reader.read()).value.close();
parentPort.postMessage('open');
for (;;) (await reader.read()).value.close();
