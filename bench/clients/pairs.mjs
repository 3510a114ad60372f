// A process that only sends: many pairs of producers, each on a transport of its own, of one file or of one each.
import { serveChild } from '../measure/child.mjs';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { loadMediaClient } from './media.mjs';

serveChild(async ({ files, decode, pairs }, { request, note, told }) => {
  const { createWorker, Device } = await loadMediaClient('ours');
  const worker = await createWorker({ logLevel: 'none' });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  for (let pair = 0; pair < pairs; pair++) {
    const constraint = { source: 'file', file: files[pair % files.length], loop: true, decode };
    const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
    const transport = await peer.createSendTransport({ client: { iceServers: [] } });
    await transport.produce({ track: stream.getVideoTracks()[0] });
    await transport.produce({ track: stream.getAudioTracks()[0] });
  }
  note('sending');
  await told();
  peer.close();
  worker.close();
  return {};
});
