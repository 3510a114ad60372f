// A client of this package in a process, so in a network, of its own. It ends with the process that forked it.
import { Device } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory } from 'mediasoup-client-pion';
import { fixturePath } from '../../../scripts/lib/fixtures.mjs';
import { Peer } from '../../e2e/support/peer.mjs';
import { Rpc } from './rpc.mjs';

const data = { sourceType: 'file', sourceValue: fixturePath('red-440hz.mp4'), loop: true };
const transports = {};
let consumer;

async function add(direction, transport) {
  transports[direction] = transport;
  for (const event of ['connectionstatechange', 'icegatheringstatechange']) {
    transport.on(event, (state) => outside.call('event', { direction, event, state }));
  }
  transport.on('icecandidateerror', ({ url, errorCode }) =>
    outside.call('event', { direction, event: 'icecandidateerror', state: `${errorCode} ${url}` }),
  );
  return transport;
}

const outside = new Rpc(process, {
  /** Sends sound, and receives it again. */
  async open(settings) {
    const device = await Device.factory({ handlerFactory: createFactory() });
    const request = (method, given) => outside.call('request', { method, data: given });
    const peer = await Peer.join({ device, request });
    const sending = await add('send', await peer.createSendTransport(settings));
    const track = new FakeMediaStreamTrack({ kind: 'audio', data });
    const producer = await sending.produce({ track });
    await add('recv', await peer.createRecvTransport(settings));
    consumer = await peer.consume(producer);
    return { send: sending.id, recv: transports.recv.id };
  },

  async restart(direction) {
    const transport = transports[direction];
    const { iceParameters } = await outside.call('request', {
      method: 'restartIce',
      data: { transportId: transport.id },
    });
    await transport.restartIce({ iceParameters });
  },

  /** Packets that the consumer got. */
  async received() {
    const entries = [...(await consumer.getStats()).values()];
    return entries.find(({ type }) => type === 'inbound-rtp')?.packetsReceived ?? 0;
  },

  stats: async (direction) => [...(await transports[direction].getStats()).values()],
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
