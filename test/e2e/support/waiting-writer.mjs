// A program whose writes wait for room, with nothing else to do:
//   waiting-writer.mjs audio|encoded
import { AudioData, AudioTrackGenerator, EncodedTrackGenerator } from 'mediasoup-client-pion';

if (process.argv[2] === 'audio') {
  const generator = new AudioTrackGenerator();
  const pcm = { format: 's16', sampleRate: 16_000, numberOfChannels: 1, numberOfFrames: 16_000 };
  for (let i = 0; i < 3; i++) {
    await generator.write(new AudioData({ ...pcm, timestamp: 0, data: new Int16Array(16_000) }));
  }
} else {
  const generator = new EncodedTrackGenerator({ kind: 'video', mimeType: 'video/VP8' });
  // Keyframes of VP8, as far as anybody looks who sends them.
  const data = Buffer.alloc(100_000);
  data.set([0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 64, 0]);
  for (let round = 0; round < 20; round++) {
    const writes = Array.from({ length: 200 }, (_, i) => generator.write({ data, timestamp: i }));
    await Promise.all(writes);
  }
}
console.log('written');
