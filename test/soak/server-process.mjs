// What a soak's clients talk to, in a process of its own so that nothing of it is in their memory: a room that is
// killed and begun anew, the network that leads to it, and files over HTTP. It ends with the process that forked it.
import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { Relay } from '../e2e/support/relay.mjs';
import { RoomServer } from '../e2e/support/server.mjs';
import { Rpc } from '../network/support/rpc.mjs';

let server;
let relay;

const files = http.createServer((request, response) => {
  const file = fixturePath(request.url.slice(1));
  const { size } = fs.statSync(file);
  const [, start = '0', end] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  const [from, to] = [Number(start), Number(end || size - 1)];
  response.writeHead(request.headers.range ? 206 : 200, {
    'content-length': to - from + 1,
    'content-range': `bytes ${from}-${to}/${size}`,
    'accept-ranges': 'bytes',
  });
  const content = fs.createReadStream(file, { start: from, end: to });
  // Who has left takes no more of it.
  response.on('close', () => content.destroy());
  content.pipe(response);
});

async function close() {
  relay?.close();
  await server?.close();
}

const outside = new Rpc(process, {
  /** Begins anew, with everything that was before closed. */
  async open({ seed }) {
    await close();
    relay = new Relay({ seed });
    server = await RoomServer.create();
    // What ends by itself is told, as an app's signalling does.
    const tell = (id) => outside.call('gone', { id }).catch(() => {});
    server.on('consumer', (consumer) => consumer.on('producerclose', () => tell(consumer.id)));
    server.on('dataconsumer', (consumer) =>
      consumer.on('dataproducerclose', () => tell(consumer.id)),
    );
  },
  request: ({ method, data }) => server.request(method, data),
  kill: () => server.killWorker(),
  route: (candidates) => relay.route(candidates),
  conditions({ up, down }) {
    relay.up.set(up);
    relay.down.set(down);
  },
  prefer({ consumerId, layers }) {
    const consumer = server.consumers.get(consumerId);
    if (!consumer) throw new Error(`no object with id ${consumerId}`);
    return consumer.setPreferredLayers(layers);
  },
});
process.on('disconnect', () => close().finally(() => process.exit()));
files.listen(0, '127.0.0.1');
await once(files, 'listening');
process.send({ ready: files.address().port });
