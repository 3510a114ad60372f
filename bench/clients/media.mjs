// The two packages that send media, behind the API that they share.
import { createRequire } from 'node:module';
import path from 'node:path';
import { peersDir } from '../peers/setup.mjs';

export const mediaClients = ['ours', 'aiortc'];

/** `{ createWorker, Device }` of one of them. */
export async function loadMediaClient(name) {
  if (name === 'ours') {
    const { createWorker } = await import('../../dist/index.mjs');
    const { Device } = await import('mediasoup-client');
    return { createWorker, Device };
  }
  const require = createRequire(path.join(peersDir, 'package.json'));
  const { createWorker } = require('mediasoup-client-aiortc');
  const { Device } = require('mediasoup-client');
  return { createWorker, Device };
}

/**
 * Sends a file's video and sound as VP8 and Opus: what an app does, in the order it does it.
 * `join` makes a peer of a Device (see test/e2e/support/peer.mjs).
 */
export async function sendFile({ createWorker, Device }, { file, join, loop = false }) {
  const worker = await createWorker({ logLevel: 'none' });
  const constraint = { source: 'file', file, loop };
  const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  const peer = await join(device);
  // Neither may wait for a STUN server.
  const transport = await peer.createSendTransport({ client: { iceServers: [] } });
  const codec = device.sendRtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'video/VP8');
  const video = await transport.produce({ track: stream.getVideoTracks()[0], codec });
  const audio = await transport.produce({ track: stream.getAudioTracks()[0] });
  return { worker, stream, transport, video, audio };
}
