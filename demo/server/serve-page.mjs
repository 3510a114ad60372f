// Serves the demo's page: three files, one stream of events to each page, and its requests as HTTP POSTs.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { loadAssets } from './assets.mjs';
import { Refusal } from './refusal.mjs';
import { Visitor } from './visitor.mjs';

const MAX_BODY_BYTES = 100_000;
const MAX_VISITORS = 16;
const KEEP_ALIVE_MS = 10_000;

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "media-src 'self' blob:; img-src data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * @param {object} options
 * @param {import('../../test/e2e/support/room.mjs').Room} options.room
 * @param {{ file: string, producers: object[] }} options.bot who sends the file to every page
 * @param {object} options.handlerFactory what createFactory() gave, for the bots that answer
 * @param {string} options.host address to listen on
 * @param {number} options.port 0 for one that is free
 */
export async function servePage({ room, bot, handlerFactory, host, port }) {
  const assets = await loadAssets();
  /** @type {Map<string, Visitor>} */
  const visitors = new Map();

  const welcome = (request, response) => {
    if (visitors.size >= MAX_VISITORS) throw new Refusal(503, `${MAX_VISITORS} pages are open`);
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    // A machine that vanished says no goodbye: TCP asks it now and then.
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // What was begun for a page may be done only after the page is gone.
    const tell = (event, data) => {
      if (response.writableEnded || response.destroyed) return;
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const visitor = new Visitor({ room, bot, handlerFactory, tell });
    visitors.set(visitor.id, visitor);
    // Both ends of a visit come here: the page went away, or the server lost the page's media.
    visitor.onClose = () => {
      visitors.delete(visitor.id);
      response.end();
    };
    response.on('error', () => visitor.close());
    response.on('close', () => visitor.close());
    visitor.start();
  };

  const answer = async (request, response) => {
    refuseStrangers(request, server.address());
    const pathname = request.url.split('?')[0];
    if (request.method === 'POST') {
      const visitor = visitors.get(request.headers['x-visitor']);
      if (!visitor) throw new Refusal(403, 'this visit is over: reload the page');
      const result = await visitor.request(pathname.slice(1), await readJson(request));
      reply(response, 200, 'application/json', JSON.stringify(result));
    } else if (request.method !== 'GET') {
      throw new Refusal(405, 'only GET and POST are answered');
    } else if (pathname === '/events') {
      welcome(request, response);
    } else if (assets.has(pathname)) {
      const { type, body } = assets.get(pathname);
      reply(response, 200, type, body);
    } else {
      throw new Refusal(404, 'there is no such page');
    }
  };

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      const status = error.status ?? 500;
      // Only what was written for the page's eyes goes there.
      const message = error instanceof Refusal ? error.message : 'the server failed to do this';
      if (!(error instanceof Refusal) && process.env.DEBUG) console.error(error);
      if (!response.headersSent) {
        reply(response, status, 'application/json', JSON.stringify({ error: message }));
      }
    });
  });
  server.listen(port, host);
  await once(server, 'listening');

  return {
    url: `http://${hostAndPort(server.address())}/`,
    get visitors() {
      return visitors.size;
    },
    async close() {
      for (const visitor of visitors.values()) visitor.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Any web page may send requests to an address of this machine, and may give it a name of its own (DNS rebinding).
 * Browsers tell both: where a request goes and where it comes from.
 */
function refuseStrangers(request, address) {
  const ours = [hostAndPort(address), `localhost:${address.port}`];
  const { host, origin } = request.headers;
  if (!ours.includes(host)) throw new Refusal(421, 'this is not the name of this server');
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new Refusal(403, 'requests of other pages are not answered');
  }
}

function hostAndPort({ address, port }) {
  const text = net.isIPv6(address) ? `[${address}]` : address;
  // Port 80 is in no Host header.
  return port === 80 ? text : `${text}:${port}`;
}

async function readJson(request) {
  const size = Number(request.headers['content-length'] ?? NaN);
  // Node.js reads as many bytes as were announced and no more.
  if (Number.isNaN(size)) throw new Refusal(411, 'the length of the body has to be announced');
  if (size > MAX_BODY_BYTES) throw new Refusal(413, `at most ${MAX_BODY_BYTES} bytes are read`);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

function reply(response, status, type, body) {
  response.writeHead(status, { ...HEADERS, 'content-type': type });
  response.end(body);
}
