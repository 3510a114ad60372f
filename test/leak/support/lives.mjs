// Plays, reads and records a file again and again, and tells how much of malloc's memory is in use after each dozen, and by how many threads.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MediaRecorder, MediaStreamTrackProcessor, createWorker } from 'mediasoup-client-pion';

const [addon, collect, lengthOffset, headerSize, file, folder, dozens, goesOn] =
  process.argv.slice(2);
const source = { source: 'file', file, loop: true };

async function live(number) {
  const worker = await createWorker({ logLevel: 'none' });
  const tracks = (await worker.getUserMedia({ audio: source, video: source })).getTracks();
  const recorder = new MediaRecorder(tracks, { file: path.join(folder, `${number}.webm`) });
  recorder.start();
  for (const track of tracks) {
    const processor = new MediaStreamTrackProcessor({
      track,
      ...(track.kind === 'video' && { video: { format: 'RGBA', width: 80 } }),
    });
    const reader = processor.readable.getReader();
    for (let i = 0; i < 3; i++) {
      const { value } = await reader.read();
      value.close();
    }
    await reader.cancel();
  }
  await recorder.stop();
  if (goesOn) return;
  for (const track of tracks) track.stop();
  worker.close();
}

let answered;
const native = createRequire(import.meta.url)(addon).open(() => {
  while (native.poll() > 0) {
    const length = new DataView(native.batch).getUint32(Number(lengthOffset), true);
    answered(JSON.parse(Buffer.from(native.batch, Number(headerSize), length).toString()));
  }
});
native.keepAlive(true);

/** The least of a few looks: what ends late is still there in the first. */
async function used() {
  let least = Infinity;
  for (let i = 0; i < 10; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = new Promise((resolve) => (answered = resolve));
    native.call(i + 1, 0, Number(collect), '{}');
    least = Math.min(least, (await answer).bytes);
  }
  return { bytes: least, threads: fs.readdirSync('/proc/self/task').length };
}

const found = [];
for (let dozen = 0; dozen < Number(dozens); dozen++) {
  for (let i = 0; i < 3; i++) {
    await Promise.all([0, 1, 2, 3].map((number) => live(number)));
  }
  found.push(await used());
}
native.keepAlive(false);
console.log(JSON.stringify(found));
process.exit(0);
