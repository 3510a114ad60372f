// A client that is given secrets everywhere where there may be some, and prints all that is told of them:
//   secretive-client.mjs <settings as JSON>
// What it is told to open is right, wrong, or breaks off. It ends by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Device } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory, createWorker } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

const { room, sources, refused, iceServers, refusedIceServers, file } = JSON.parse(process.argv[2]);

const show = (what, value) => console.log(what, inspect(value, { depth: 9, showHidden: true }));

async function attempt(what, run) {
  try {
    await run();
    console.log(what, 'went well');
  } catch (error) {
    show(what, error);
    console.log(what, String(error.stack));
  }
}

const worker = await createWorker({ logLevel: 'debug' });
for (const [index, source] of sources.entries()) {
  await attempt(`source ${index}`, async () => {
    const stream = await worker.getUserMedia({ video: { source: 'url', ...source } });
    const [track] = stream.getVideoTracks();
    const ended = new Promise((resolve) => track.addEventListener('ended', resolve));
    await Promise.race([ended, sleep(1000)]);
    show('ended', track.data.error);
    track.stop();
  });
}
for (const [index, constraints] of refused.entries()) {
  await attempt(`constraints ${index}`, () => worker.getUserMedia(constraints));
}
show('worker', [worker, await worker.dump(), await worker.getMetrics()]);

async function request(method, data) {
  const response = await fetch(`${room}/${method}`, {
    method: 'POST',
    body: JSON.stringify(data ?? {}),
  });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

const device = await Device.factory({ handlerFactory: createFactory('debug') });
const peer = await Peer.join({ device, request });
for (const servers of refusedIceServers) {
  await attempt('ICE servers', () => peer.createSendTransport({ client: { iceServers: servers } }));
}
const transport = await peer.createSendTransport({
  client: { iceServers, iceTransportPolicy: 'relay' },
});
transport.on('icecandidateerror', (event) => show('ICE candidate error', event));
const data = { sourceType: 'file', sourceValue: file, loop: true };
const producer = await transport.produce({
  track: new FakeMediaStreamTrack({ kind: 'audio', data }),
});
await peer.restartIce(transport);
await sleep(1000);
show('stats', [...(await transport.getStats()).values(), ...(await producer.getStats()).values()]);
peer.close();
worker.close();
