// For a program that is told where to listen.
import { once } from 'node:events';
import net from 'node:net';

/** A port of TCP on loopback that nobody listened on just now. */
export async function freePort() {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}
