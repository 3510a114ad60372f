// A bot that plays one file in two rooms' places: two Devices of one Worker, and paths as file:/ URLs.
// node mp3-bot.cjs <room url> <path of an mp3> <path of another>
const { Device } = require('mediasoup-client');
const { createWorker } = require('mediasoup-client-aiortc');
const signalling = require('../drop-in/signalling.cjs');
const { event, step } = require('./steps.cjs');

const [url, ...files] = process.argv.slice(2);
const { request, connect } = signalling(url);

async function play(worker, file) {
  const stream = await worker.getUserMedia({
    audio: { source: 'file', file: `file:${file}`, loop: false },
    video: false,
  });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
  const transport = connect(device.createSendTransport(await request('createTransport')));
  const [track] = stream.getAudioTracks();
  const producer = await transport.produce({ track, appData: { file }, stopTracks: true });
  return { transport, producer, track, ended: event(producer, 'trackended') };
}

async function run() {
  const worker = await createWorker({ logLevel: 'warn' });
  const bots = [];
  for (const file of files) bots.push(await play(worker, file));
  await step('playing');
  const [first, second] = bots;
  const handlers = [(await worker.dump()).handlers.length];
  first.transport.close();
  await request('closeTransport', { transportId: first.transport.id });
  handlers.push((await worker.dump()).handlers.length);
  // The other plays on, to its end.
  await step('alone');
  await second.ended;
  const ends = [first.track.readyState, second.track.readyState, second.producer.closed];
  const closed = event(worker, 'subprocessclose');
  worker.close();
  await closed;
  console.log(JSON.stringify({ handlers, ends }));
}

run().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
