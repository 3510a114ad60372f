// A process that only sends: it says when it is about to begin and when it sends, and ends when it is told to.
import { serveChild } from '../measure/child.mjs';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { loadMediaClient, sendFile } from './media.mjs';

serveChild(async ({ client, file }, { request, note, told }) => {
  // Both need it, so it is not what is measured.
  await import('mediasoup-client');
  globalThis.gc();
  note('ready');
  await told();
  const library = await loadMediaClient(client);
  const join = (device) => Peer.join({ device, request });
  const sending = await sendFile(library, { file, join, loop: true });
  note('sending');
  await told();
  globalThis.gc();
  note('measure');
  await told();
  sending.stream.close();
  sending.transport.close();
  sending.worker.close();
  return {};
});
