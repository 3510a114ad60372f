// A participant with everything at work whose other native code forks, and whose children end:
//   node native-fork.mjs <room url> <clip> <recording> <addon>
import { createRequire } from 'node:module';
import { live } from './live.mjs';
import { signalling } from '../../../examples/signalling.mjs';

const FORKS = 50;

const [url, clip, recording, addon] = process.argv.slice(2);
const { fork, wait } = createRequire(import.meta.url)(addon);
const { worker, flows, close } = await live(signalling(url), { clip, recording });
console.log('flows');

function ends(pid) {
  const status = wait(pid);
  if (status !== 7) throw new Error(`a child ended with ${status}`);
}

for (let i = 0; i < FORKS; i++) {
  // At once, or while media flows here.
  ends(fork(i % 10));
  await new Promise((resolve) => setImmediate(resolve));
}
await flows();
// Several at a time, and with the core closed and opened again beneath them.
const children = Array.from({ length: 5 }, () => fork(2000));
await flows();
const { goroutines } = (await worker.getMetrics()).process;
console.log(`goroutines ${goroutines}`);
await close();
for (const child of children) ends(child);
console.log('closed');
