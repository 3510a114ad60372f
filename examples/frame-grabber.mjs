// Writes a PNG a second of each video in a room. It needs pngjs.
//
//   node examples/frame-grabber.mjs <room url> <folder> [seconds]
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import { PNG } from 'pngjs';
import { join } from './room.mjs';

const [url, folder, seconds = '10'] = process.argv.slice(2);
if (!url || !folder) {
  console.error('Usage: node examples/frame-grabber.mjs <room url> <folder> [seconds]');
  process.exit(2);
}
await mkdir(folder, { recursive: true });

/** Natively made smaller and converted, one a second: the others are not even copied. */
const video = { width: 320, format: 'RGBA', maxFrameRate: 1 };

async function grab({ id, track }) {
  let count = 0;
  for await (const frame of new MediaStreamTrackProcessor({ track, video }).readable) {
    const { codedWidth: width, codedHeight: height } = frame;
    const png = new PNG({ width, height });
    await frame.copyTo(png.data);
    // Pictures are lent: who has one closes it.
    frame.close();
    const file = path.join(folder, `${id}-${String(count++).padStart(4, '0')}.png`);
    await writeFile(file, PNG.sync.write(png));
    console.log(`${file}: ${width}x${height}`);
  }
}

const room = await join(url);
room.others((consumer) => {
  if (consumer.kind !== 'video') return;
  grab(consumer).catch((error) => console.error(error.message));
});
await sleep(Number(seconds) * 1000);
await room.leave();
