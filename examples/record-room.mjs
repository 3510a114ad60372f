// Records all that a room has within some seconds into one file, a track for each.
//
//   node examples/record-room.mjs <room url> <file.mkv> [seconds]
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaRecorder } from 'mediasoup-client-pion';
import { join } from './room.mjs';

const [url, file, seconds = '10'] = process.argv.slice(2);
if (!url || !file) {
  console.error('Usage: node examples/record-room.mjs <room url> <file.mkv> [seconds]');
  process.exit(2);
}

const room = await join(url);
const tracks = [];
room.others((consumer) => {
  tracks.push(consumer.track);
  console.log(`recording ${consumer.kind}: ${consumer.rtpParameters.codecs[0].mimeType}`);
});
// Who is here when it begins is recorded.
await sleep(2000);
const recorder = new MediaRecorder(tracks, { mimeType: 'video/x-matroska', file });
recorder.onerror = ({ error }) => console.error(error.message);
recorder.start();
await sleep(Number(seconds) * 1000);
await recorder.stop();
console.log(`${file}: ${tracks.length} tracks`);
await room.leave();
