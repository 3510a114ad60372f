// Plays a file, reads a picture and sound of it, records it, closes everything and ends by itself.
import { MediaRecorder, MediaStreamTrackProcessor, createWorker } from 'mediasoup-client-pion';

const [file, into] = process.argv.slice(2);
const worker = await createWorker({ logLevel: 'none' });
const source = { source: 'file', file, loop: true };
const tracks = (await worker.getUserMedia({ audio: source, video: source })).getTracks();

const recorder = new MediaRecorder(tracks, { file: into });
recorder.start();
for (const track of tracks) {
  const processor = new MediaStreamTrackProcessor({
    track,
    ...(track.kind === 'video' && { video: { format: 'RGBA', width: 160 } }),
  });
  const reader = processor.readable.getReader();
  for (let i = 0; i < 5; i++) {
    const { value } = await reader.read();
    const copied =
      track.kind === 'video' ? value.copyTo(new Uint8Array(value.allocationSize())) : undefined;
    await copied;
    value.close();
  }
  await reader.cancel();
}
await recorder.stop();
for (const track of tracks) track.stop();
worker.close();
console.log('closed');
