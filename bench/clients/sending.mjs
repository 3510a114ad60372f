// A process that only sends: it says when it is about to begin and when it sends, and ends when it is told to.
import { serveChild } from '../measure/child.mjs';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { loadMediaClient, loadMediasoupClient, makeFactory, sendFile } from './media.mjs';

serveChild(async ({ client, file }, { request, tell }) => {
  // Both need it, so it is not what is measured.
  const { Device } = await loadMediasoupClient(client);
  globalThis.gc();
  await tell('ready');
  const made = await makeFactory(await loadMediaClient(client));
  const join = (device) => Peer.join({ device, request });
  const sending = await sendFile(made, { Device, file, join, loop: true });
  await tell('sending');
  globalThis.gc();
  await tell('measure');
  sending.stream.close();
  sending.transport.close();
  made.worker.close();
  return {};
});
