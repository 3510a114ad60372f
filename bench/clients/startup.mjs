// One start: the library, a factory, and the first packet of video that the server counted. The room is in this process.
import { createRoom } from '../../test/e2e/support/room.mjs';
import { firstPacket } from '../../test/e2e/support/first-packet.mjs';
import { serveChild } from '../measure/child.mjs';
import { loadMediaClient, loadMediasoupClient, makeFactory, sendFile } from './media.mjs';

serveChild(async ({ client, file }) => {
  // The app has it already: it is not what is measured.
  const { Device } = await loadMediasoupClient(client);
  const room = await createRoom();
  const first = new Promise((resolve, reject) => {
    room.server.on('producer', (producer) => {
      if (producer.kind === 'video') firstPacket(producer).then(resolve, reject);
    });
  });
  const began = performance.now();
  const made = await makeFactory(await loadMediaClient(client));
  const ready = performance.now();
  const sending = await sendFile(made, {
    Device,
    file,
    join: (device) => room.join({ device }),
  });
  const arrived = await first;
  sending.stream.close();
  made.worker.close();
  await room.close();
  return { loadMs: ready - began, firstPacketMs: arrived - ready };
});
