// For programs that are told where to listen.
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

// Nobody is given these who asks for any port: Linux gives those below 61000 (ip_local_port_range), mediasoup those
// below 60000. Otherwise one that is let go here may be another's when the program comes to listen.
const FIRST = 61_000;
const LAST = 65_535;

/** A port of TCP on loopback that nobody listened on just now. */
export const freePort = () =>
  find(async (port) => isFree(net.createServer().listen(port, '127.0.0.1')));

/** The first of ports of UDP in a row: an even one, as ffmpeg wants for RTP and RTCP. */
export const freeUDPPorts = (ip, count) =>
  find(async (first) => {
    for (let port = first; port < first + count; port++) {
      if (port > LAST || !(await isFree(dgram.createSocket('udp4').bind(port, ip)))) return false;
    }
    return true;
  });

async function find(free) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST + 2 * Math.floor((Math.random() * (LAST + 1 - FIRST)) / 2);
    if (await free(port)) return port;
  }
  throw new Error(`no free ports between ${FIRST} and ${LAST}`);
}

async function isFree(socket) {
  try {
    await once(socket, 'listening');
  } catch {
    socket.close();
    return false;
  }
  socket.close();
  await once(socket, 'close');
  return true;
}
