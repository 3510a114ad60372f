// A participant with everything at work, in a group of processes that has little memory left:
//   node memory-limit.mjs <room url> <clip> <recording> <name of the group> <large file>
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { live } from './live.mjs';
import { signalling } from '../../../examples/signalling.mjs';

const PIECE = 4 << 20;

const [url, clip, recording, group, large] = process.argv.slice(2);
const { flows } = await live(signalling(url), { clip, recording });
while (!existsSync(recording) || statSync(recording).size < 4096) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log('flows');
while (!readFileSync('/proc/self/cgroup', 'utf8').includes(group)) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
// What the system keeps of files is the group's, and gives way.
for await (const piece of createReadStream(large, { highWaterMark: PIECE })) {
  if (piece.length === 0) break;
}
await flows();
console.log('gave way');
// What is in use does not.
for (const all = []; ;) {
  all.push(Buffer.alloc(PIECE, 1));
  await new Promise((resolve) => setImmediate(resolve));
}
