// What the demo's servers have in common: requests of JSON, and a stream of events to each who comes.
import net from 'node:net';
import { Refusal } from './refusal.mjs';

const MAX_BODY_BYTES = 100_000;

export async function readJson(request) {
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

/** Begins a stream of events, and gives what writes one: nothing, once whom it is for has gone. */
export function openEvents(response, headers) {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
  return (event, data) => {
    if (response.writableEnded || response.destroyed) return;
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
}

export function hostAndPort({ address, port }) {
  const text = net.isIPv6(address) ? `[${address}]` : address;
  // Port 80 is in no Host header.
  return port === 80 ? text : `${text}:${port}`;
}
