// A room for other processes: the server's requests as HTTP POSTs with JSON bodies, on loopback.
import { once } from 'node:events';
import http from 'node:http';

const MAX_BODY = 1_000_000;

/**
 * Serves a room at the returned url: `POST <url>/<method>` with the data as JSON. Requests end with the room's server.
 * @param {import('./room.mjs').Room} room
 */
export async function serveRoom(room, { port = 0 } = {}) {
  const listener = http.createServer((request, response) => {
    answer(room, request).then(
      (result) => reply(response, 200, result),
      (error) => reply(response, error.status ?? 500, { error: error.message }),
    );
  });
  listener.listen(port, room.server.ip);
  await once(listener, 'listening');
  return {
    url: `http://${room.server.ip}:${listener.address().port}`,
    async close() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}

async function answer(room, request) {
  if (request.method !== 'POST') throw refusal(405, 'only POST is answered');
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw refusal(413, `a body has at most ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString();
  const method = request.url.slice(1);
  return await room.server.request(method, body ? JSON.parse(body) : {});
}

function refusal(status, message) {
  return Object.assign(new Error(message), { status });
}

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
