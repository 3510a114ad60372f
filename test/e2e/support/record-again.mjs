// Records a tone three times to the same file, each stopped in the turn in which the next begins; tells the results, and
// ends by itself: node record-again.mjs OUT begun|'at once'
import fs from 'node:fs';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { MediaRecorder } from 'mediasoup-client-pion';

const [, , file, when] = process.argv;
const track = new FakeMediaStreamTrack({
  kind: 'audio',
  data: { sourceType: 'device', format: 'lavfi', sourceValue: 'sine=440:r=48000' },
});
const recorder = new MediaRecorder(track, { file });
const begins = async () => {
  await new Promise((resolve) => recorder.addEventListener('start', resolve, { once: true }));
  while (!fs.existsSync(file) || fs.statSync(file).size < 5000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const ended = [];
for (let run = 0; run < 3; run++) {
  recorder.start();
  if (when === 'begun' || run === 2) await begins();
  ended.push(recorder.stop());
}
console.log(JSON.stringify(await Promise.all(ended)));
