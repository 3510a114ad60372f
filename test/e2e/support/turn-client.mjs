// A client in a process of its own, whose environment names the authorities that it trusts:
//   turn-client.mjs <room url> <media file> <ICE servers as JSON>
// Writes each state of its connection as a line, and ends with its input.
import { Device } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory } from 'mediasoup-client-pion';
import { Peer } from './peer.mjs';

const [url, sourceValue, iceServers] = process.argv.slice(2);

async function request(method, data) {
  const body = JSON.stringify(data ?? {});
  const response = await fetch(`${url}/${method}`, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

const device = await Device.factory({ handlerFactory: createFactory() });
const peer = await Peer.join({ device, request });
const transport = await peer.createSendTransport({
  client: { iceServers: JSON.parse(iceServers), iceTransportPolicy: 'relay' },
});
transport.on('connectionstatechange', (state) => console.log(`connection ${state}`));
transport.on('icegatheringstatechange', (state) => console.log(`gathering ${state}`));
transport.on('icecandidateerror', ({ errorCode, errorText }) =>
  console.log(`error ${errorCode} ${errorText}`),
);
const data = { sourceType: 'file', sourceValue, loop: true };
await transport.produce({ track: new FakeMediaStreamTrack({ kind: 'audio', data }) });
process.stdin.resume().on('end', () => peer.close());
