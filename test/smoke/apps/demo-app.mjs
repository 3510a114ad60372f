// What the app of mediasoup's own demo does in a room, in its order, alone in it: it hears itself.
// node demo-app.mjs <room url> <file> <another file>
import * as mediasoupClient from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-aiortc';
import signalling from '../drop-in/signalling.cjs';
import { arrives, consume, event, step, until } from './steps.cjs';

const [url, file, otherFile] = process.argv.slice(2);
const { request, connect } = signalling(url);
const states = { send: [], recv: [] };

const worker = await createWorker({ logLevel: 'warn' });
const device = new mediasoupClient.Device({ handlerFactory: worker.createHandlerFactory() });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });

async function transportOptions() {
  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } =
    await request('createTransport');
  return {
    id,
    iceParameters,
    iceCandidates,
    dtlsParameters: { ...dtlsParameters, role: 'auto' },
    sctpParameters,
    iceServers: [],
    additionalSettings: { encodedInsertableStreams: false },
  };
}
const sendTransport = connect(device.createSendTransport(await transportOptions()));
const recvTransport = connect(device.createRecvTransport(await transportOptions()));
sendTransport.on('connectionstatechange', (state) => states.send.push(state));
recvTransport.on('connectionstatechange', (state) => states.recv.push(state));

const user = await worker.getUserMedia({
  audio: { source: 'file', file, loop: true },
  video: { source: 'file', file, loop: true },
});
const mic = await sendTransport.produce({
  track: user.getAudioTracks()[0],
  codecOptions: { opusStereo: true, opusDtx: false, opusFec: true, opusNack: true },
  appData: { source: 'audio' },
});
const webcam = await sendTransport.produce({
  track: user.getVideoTracks()[0],
  codecOptions: { videoGoogleStartBitrate: 1000 },
  codec: device.sendRtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'video/VP8'),
  appData: { source: 'video' },
});
const chat = await sendTransport.produceData({
  ordered: false,
  maxRetransmits: 1,
  label: 'chat',
  appData: { info: 'my-chat-DataProducer' },
});
const bot = await sendTransport.produceData({
  ordered: false,
  maxPacketLifeTime: 2000,
  label: 'bot',
  appData: { info: 'my-bot-DataProducer' },
});

const heard = [];
const dataConsumers = [];
for (const { id: dataProducerId } of [chat, bot]) {
  const transportId = recvTransport.id;
  const dataConsumer = await recvTransport.consumeData(
    await request('consumeData', { transportId, dataProducerId }),
  );
  dataConsumer.on('message', (message) => heard.push(`${dataConsumer.label}: ${message}`));
  dataConsumers.push(dataConsumer);
}
const consumers = [];
for (const { id } of [mic, webcam]) {
  consumers.push(await consume({ request }, device, recvTransport, id));
}

/** They may get lost: said until it is heard. */
async function say(text) {
  await until(() => [chat, bot].every(({ readyState }) => readyState === 'open'));
  await until(() => {
    chat.send(text);
    bot.send(text);
    return heard.includes(`chat: ${text}`) && heard.includes(`bot: ${text}`);
  });
}
await say('hello');
await step('red and a tone');

mic.pause();
await step('silence');
mic.resume();
consumers[0].pause();
consumers[0].resume();

const other = await worker.getUserMedia({ video: { source: 'file', file: otherFile, loop: true } });
await webcam.replaceTrack({ track: other.getVideoTracks()[0] });
await step('blue and a tone');

for (const transport of [sendTransport, recvTransport]) {
  const { iceParameters } = await request('restartIce', { transportId: transport.id });
  const connected = new Promise((resolve) => {
    transport.on('connectionstatechange', (state) => state === 'connected' && resolve());
  });
  await transport.restartIce({ iceParameters });
  await connected;
}
for (const consumer of consumers) await arrives(consumer);
await say('still here');
await step('the same after a restart');

const report = {
  states,
  streams: dataConsumers.map(({ sctpStreamParameters }) => {
    const { ordered, maxRetransmits, maxPacketLifeTime } = sctpStreamParameters;
    return { ordered, maxRetransmits, maxPacketLifeTime };
  }),
  paused: [mic.paused, consumers[0].paused],
};
sendTransport.close();
recvTransport.close();
const closed = event(worker, 'subprocessclose');
worker.close();
await closed;
console.log(JSON.stringify(report));
