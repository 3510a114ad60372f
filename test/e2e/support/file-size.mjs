// A process whose files may not become larger than so much: what is recorded to one is told of, what is recorded to Blobs
// goes on.
import { once } from 'node:events';
import { MediaRecorder, createWorker } from 'mediasoup-client-pion';

const [source, file] = process.argv.slice(2);
const worker = await createWorker({ logLevel: 'error' });
const wanted = { source: 'file', file: source, loop: true };
const isSound = /\.(wav|ogg)$/.test(file);
const stream = await worker.getUserMedia({
  audio: wanted,
  ...(isSound ? {} : { video: wanted }),
});
const tracks = stream.getTracks();
const other = new MediaRecorder(tracks, {
  mimeType: isSound ? 'audio/ogg' : 'video/webm',
});
let bytes = 0;
other.addEventListener('dataavailable', ({ data }) => {
  bytes += data.size;
});
other.start(100);
const recorder = new MediaRecorder(tracks, { file });
const failed = once(recorder, 'error');
recorder.start();
const [{ error }] = await failed;
const settled = await recorder.stopped.catch((reason) => reason);
const before = bytes;
while (bytes < before + 5000) await once(other, 'dataavailable');
const { frames } = await other.stop();
console.log(
  JSON.stringify({
    name: error.name,
    message: error.message,
    isTheSame: settled === error,
    state: recorder.state,
    tracks: tracks.map((track) => track.readyState),
    frames,
  }),
);
worker.close();
