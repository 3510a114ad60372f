// A room whose server is not on the core of what is measured.
import { moveAside } from './cores.mjs';

/** Gives `use` a room and closes it after that, whatever happened. */
export async function withRoom(options, use) {
  const { createRoom } = await import('../../test/e2e/support/room.mjs');
  const room = await createRoom(options);
  try {
    moveAside(room.worker.pid);
    return await use(room);
  } finally {
    await room.close();
  }
}

/** Bytes that the server received so far, by kind: proof that the work was done. */
export async function bytesByKind(room) {
  const bytes = { audio: 0, video: 0 };
  for (const producer of room.server.producers.values()) {
    for (const { byteCount } of await producer.getStats()) bytes[producer.kind] += byteCount;
  }
  return bytes;
}
