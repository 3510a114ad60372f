// Serves the demo's page: three files, one stream of events to each page, and its requests as HTTP POSTs.
import { once } from 'node:events';
import http from 'node:http';
import { loadAssets } from './assets.mjs';
import { hostAndPort, openEvents, readJson } from './http.mjs';
import { Refusal } from './refusal.mjs';
import { Visitor } from './visitor.mjs';

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
    // What was begun for a page may be done only after the page is gone.
    const tell = openEvents(response, HEADERS);
    // A machine that vanished says no goodbye: TCP asks it now and then.
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
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

function reply(response, status, type, body) {
  response.writeHead(status, { ...HEADERS, 'content-type': type });
  response.end(body);
}
