// One start: from createWorker() to the first video packet that the server counted. The room is in this process.
import { createRoom } from '../../test/e2e/support/room.mjs';
import { firstPacket } from '../../test/e2e/support/first-packet.mjs';
import { serveChild } from '../measure/child.mjs';
import { loadMediaClient, sendFile } from './media.mjs';

serveChild(async ({ client, file }) => {
  const library = await loadMediaClient(client);
  const room = await createRoom();
  const first = new Promise((resolve, reject) => {
    room.server.on('producer', (producer) => {
      if (producer.kind === 'video') firstPacket(producer).then(resolve, reject);
    });
  });
  const started = performance.now();
  const sending = await sendFile(library, { file, join: (device) => room.join({ device }) });
  const milliseconds = (await first) - started;
  sending.stream.close();
  sending.worker.close();
  await room.close();
  return milliseconds;
});
