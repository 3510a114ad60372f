// The two packages that send media, behind the API that they share.
import { createRequire } from 'node:module';
import path from 'node:path';
import { peersDir } from '../peers/setup.mjs';

const requirePeer = createRequire(path.join(peersDir, 'package.json'));

/** mediasoup-client, of the version that one of them uses. */
export const loadMediasoupClient = async (name) =>
  name === 'ours' ? await import('mediasoup-client') : requirePeer('mediasoup-client');

/** The package itself. */
export const loadMediaClient = async (name) =>
  name === 'ours' ? await import('../../dist/index.mjs') : requirePeer('mediasoup-client-aiortc');

/** A Worker and its factory: from here on a Device can be made. */
export async function makeFactory({ createWorker }) {
  const worker = await createWorker({ logLevel: 'none' });
  return { worker, handlerFactory: worker.createHandlerFactory() };
}

/**
 * Sends a file's video and sound as VP8 and Opus: what an app does, in the order it does it.
 * `join` makes a peer of a Device (see test/e2e/support/peer.mjs).
 */
export async function sendFile({ worker, handlerFactory }, { Device, file, join, loop = false }) {
  const constraint = { source: 'file', file, loop };
  const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
  const device = new Device({ handlerFactory });
  const peer = await join(device);
  // Neither may wait for a STUN server.
  const transport = await peer.createSendTransport({ client: { iceServers: [] } });
  const codec = device.sendRtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'video/VP8');
  await transport.produce({ track: stream.getVideoTracks()[0], codec });
  await transport.produce({ track: stream.getAudioTracks()[0] });
  return { stream, transport };
}
