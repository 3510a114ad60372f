// Records a file's tracks until it is killed: node record.mjs OUT
import { MediaRecorder } from 'mediasoup-client-pion';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { fixturePath } from '../../../scripts/lib/fixtures.mjs';

const [, , file] = process.argv;
const kinds = file.endsWith('.wav') ? ['audio'] : ['video', 'audio'];
const tracks = kinds.map(
  (kind) =>
    new FakeMediaStreamTrack({
      kind,
      data: { sourceType: 'file', sourceValue: fixturePath('bars-440hz.mp4'), loop: true },
    }),
);
new MediaRecorder(tracks, { file }).start();
