// Records a file's tracks until it is killed or the recording fails, which it tells: node record.mjs OUT [OPTIONS]
import { MediaRecorder } from 'mediasoup-client-pion';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { fixturePath } from '../../../scripts/lib/fixtures.mjs';

const [, , file, options = '{}'] = process.argv;
const kinds = /\.(wav|ogg)$/.test(file) ? ['audio'] : ['video', 'audio'];
const tracks = kinds.map(
  (kind) =>
    new FakeMediaStreamTrack({
      kind,
      data: { sourceType: 'file', sourceValue: fixturePath('bars-440hz.mp4'), loop: true },
    }),
);
const recorder = new MediaRecorder(tracks, { file, ...JSON.parse(options) });
recorder.start();
recorder.stopped.catch((error) => {
  console.log(error.message);
  for (const track of tracks) track.stop();
});
