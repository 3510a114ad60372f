// A room in a process, so in a network, of its own. It ends with the process that forked it.
import { createRoom } from '../../e2e/support/room.mjs';
import { Rpc } from './rpc.mjs';

const room = await createRoom(JSON.parse(process.argv[2]));
new Rpc(process, {
  request: ({ method, data }) => room.server.request(method, data),
  // What the server sees of a client's transport.
  transport({ id }) {
    const { iceState, dtlsState, iceSelectedTuple } = room.server.transports.get(id) ?? {};
    return { iceState, dtlsState, iceSelectedTuple };
  },
  worker: () => room.worker.pid,
});
process.on('disconnect', () => room.close().finally(() => process.exit()));
process.send({ ready: true });
