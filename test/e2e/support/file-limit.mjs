// A process that may have no more files open: what it has goes on, what it asks for is refused, and works again after.
import fs from 'node:fs';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import { MediaRecorder, createWorker } from 'mediasoup-client-pion';
import { createRoom } from './room.mjs';

const [source, target] = process.argv.slice(2);
const worker = await createWorker({ logLevel: 'error' });
const open = () => worker.getUserMedia({ audio: { source: 'file', file: source, loop: true } });
const record = async (track, file) => {
  const recorder = new MediaRecorder(track, { file });
  recorder.start();
  await new Promise((resolve, reject) => {
    recorder.onstart = resolve;
    recorder.onerror = ({ error }) => reject(error);
  });
  return recorder;
};
const told = async (what) => {
  try {
    await what;
    return 'it was not refused';
  } catch ({ name, message }) {
    return `${name}: ${message}`;
  }
};
const another = () =>
  new FakeMediaStreamTrack({
    kind: 'audio',
    data: { sourceType: 'file', sourceValue: source, decode: true },
  });

const room = await createRoom();
const peer = await room.join({
  device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
});
const connection = async (track) => {
  const transport = await peer.createSendTransport();
  const settled = new Promise((resolve) => {
    transport.on('connectionstatechange', (state) => {
      if (state === 'connected' || state === 'failed') resolve(state);
    });
  });
  await transport.produce({ track, stopTracks: false }).catch(() => {});
  return await settled;
};

const [track] = (await open()).getTracks();
const going = await record(track, `${target}-going.ogg`);
const taken = [];
for (;;) {
  try {
    taken.push(fs.openSync('/dev/null'));
  } catch {
    break;
  }
}
const refused = {
  source: await told(
    worker.getUserMedia({ audio: { source: 'file', file: `${source}`, loop: false } }),
  ),
  recording: await told(record(track, `${target}-refused.ogg`)),
  hidden: await told(record(another(), `${target}-hidden.ogg`)),
};
const states = [await connection(track)];
for (const file of taken) fs.closeSync(file);
states.push(await connection(track));
const again = await record((await open()).getTracks()[0], `${target}-again.ogg`);
while (!fs.existsSync(`${target}-again.ogg`) || fs.statSync(`${target}-again.ogg`).size < 4000) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const frames = [await going.stop(), await again.stop()].map((one) => one.frames);
console.log(JSON.stringify({ refused, frames, states }));
await room.close();
worker.close();
