// Looks at each video in a room with something slow, and leaves pictures out rather than lag behind.
//
//   node examples/classifier.mjs <room url> [seconds] [milliseconds that a look takes]
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import { join } from './room.mjs';

const [url, seconds = '10', look = '200'] = process.argv.slice(2);
if (!url) {
  console.error('Usage: node examples/classifier.mjs <room url> [seconds] [milliseconds]');
  process.exit(2);
}

/** Stands for a neural network: after a while, the color of which a picture has most. */
async function classify(rgba) {
  await sleep(Number(look));
  const sums = [0, 0, 0];
  for (let i = 0; i < rgba.length; i++) if (i % 4 < 3) sums[i % 4] += rgba[i];
  return ['red', 'green', 'blue'][sums.indexOf(Math.max(...sums))];
}

/** What a network takes: small pictures, all of one size. Of those that come meanwhile the newest one waits. */
const SIDE = 224;
const options = { maxBufferSize: 1, video: { width: SIDE, height: SIDE, format: 'RGBA' } };

async function watch(track) {
  const processor = new MediaStreamTrackProcessor({ track, ...options });
  const rgba = new Uint8Array(SIDE * SIDE * 4);
  let looks = 0;
  for await (const frame of processor.readable) {
    await frame.copyTo(rgba);
    frame.close();
    console.log(`${await classify(rgba)} (${++looks} looked at, ${processor.droppedFrames} not)`);
  }
}

const room = await join(url);
room.others((consumer) => {
  if (consumer.kind !== 'video') return;
  watch(consumer.track).catch((error) => console.error(error.message));
});
await sleep(Number(seconds) * 1000);
await room.leave();
