// What a process under Node.js' permission model may open; prints the outcome of each:
//   node --permission ... permitted.mjs <JSON: what to play, what to record to, what a server tells of a transport>
import { Device } from 'mediasoup-client';
import { MediaRecorder, AudioTrackGenerator, createWorker } from 'mediasoup-client-pion';

const { plays = {}, records = {}, server } = JSON.parse(process.argv[2]);
const worker = await createWorker({ logLevel: 'none' });

async function outcomeOf(work) {
  try {
    await work();
    return 'works';
  } catch ({ name, code, message }) {
    return `${name} ${code}: ${message}`;
  }
}

async function play(given) {
  const stream = await worker.getUserMedia({ video: given });
  for (const track of stream.getTracks()) track.stop();
}

async function record(file) {
  const generator = new AudioTrackGenerator();
  try {
    const recorder = new MediaRecorder([generator.track], { file });
    recorder.start();
    await recorder.stop();
  } finally {
    generator.track.stop();
  }
}

/** To a server that hears nothing of it. */
async function send({ routerRtpCapabilities, transport: remote }) {
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  await device.load({ routerRtpCapabilities });
  const transport = device.createSendTransport(remote);
  transport.on('connect', (_, done) => done());
  transport.on('produce', (_, done) => done({ id: 'a producer' }));
  const { track } = new AudioTrackGenerator();
  try {
    await transport.produce({ track });
  } finally {
    transport.close();
  }
}

const outcomes = {};
if (server) outcomes['a transport'] = await outcomeOf(() => send(server));
for (const [name, given] of Object.entries(plays)) {
  outcomes[name] = await outcomeOf(() => play(given));
}
for (const [name, file] of Object.entries(records)) {
  outcomes[name] = await outcomeOf(() => record(file));
}
const { players, handlers } = await worker.dump();
worker.close();
console.log(JSON.stringify({ outcomes, left: [...players, ...handlers] }));
