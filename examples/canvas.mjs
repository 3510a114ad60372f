// Draws on a canvas, and sends that as video. It needs @napi-rs/canvas.
//
//   node examples/canvas.mjs <room url> [seconds]
import { setTimeout as sleep } from 'node:timers/promises';
import { createCanvas } from '@napi-rs/canvas';
import { VideoFrame, VideoTrackGenerator } from 'mediasoup-client-pion';
import { join } from './room.mjs';

const [url, seconds = '10'] = process.argv.slice(2);
const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_PER_SECOND = 30;

const room = await join(url);
const generator = new VideoTrackGenerator();
await room.produce(generator.track);

const canvas = createCanvas(WIDTH, HEIGHT);
const context = canvas.getContext('2d');

function draw(time) {
  context.fillStyle = 'rgb(0, 0, 160)';
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = 'yellow';
  context.beginPath();
  const x = WIDTH / 2 + 200 * Math.sin(time);
  context.arc(x, HEIGHT / 2 + 100 * Math.cos(time), 60, 0, 2 * Math.PI);
  context.fill();
}

const begin = performance.now();
let frames = 0;
while (performance.now() - begin < Number(seconds) * 1000) {
  draw(frames / FRAMES_PER_SECOND);
  const frame = new VideoFrame(canvas.data(), {
    format: 'RGBA',
    codedWidth: WIDTH,
    codedHeight: HEIGHT,
    timestamp: (frames++ * 1_000_000) / FRAMES_PER_SECOND,
  });
  // It waits while the encoder is behind, and closes the picture.
  await generator.write(frame);
  const next = begin + (frames * 1000) / FRAMES_PER_SECOND;
  await sleep(Math.max(next - performance.now(), 0));
}
console.log(`${frames} pictures drawn`);
await room.leave();
