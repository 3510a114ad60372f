// An app of a user, as an ES module: the core is there and answers.
import { createWorker, version } from 'mediasoup-client-pion';

const worker = await createWorker();
const { players } = await worker.dump();
worker.close();
console.log(JSON.stringify({ version, players }));
