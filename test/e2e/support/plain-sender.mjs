// A sender of plain RTP, whose packets the test makes: a gateway, or a mixer.
import dgram from 'node:dgram';
import { once } from 'node:events';

const PACKET_MS = 20;

/** What says in a packet how loud it is (RFC 6464), as numbered by a sender. */
const AUDIO_LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 5 };

/**
 * Produces sound of one codec at a server: PCMU, unless `codecs` says otherwise. It is closed when the test ends.
 * @param {import('node:test').TestContext} t
 */
export async function plainSender(t, server, { codecs = [PCMU], ssrc = 4711 } = {}) {
  const transport = await server.router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: server.ip },
    comedia: true,
  });
  const socket = dgram.createSocket('udp4').bind(0, server.ip);
  await once(socket, 'listening');
  let timer;
  t.after(() => {
    clearInterval(timer);
    socket.close();
    transport.close();
  });
  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: { codecs, headerExtensions: [AUDIO_LEVEL], encodings: [{ ssrc }] },
  });
  server.producers.set(producer.id, producer);
  const { localPort } = transport.tuple;
  let sequence = 100;
  let timestamp = 5000;
  const send = ({ marker = false, at = timestamp, ...packet } = {}) => {
    const bytes = rtp({
      payloadType: codecs[0].payloadType,
      ssrc,
      sequence,
      marker,
      at,
      ...packet,
    });
    sequence = (sequence + 1) & 0xffff;
    socket.send(bytes, localPort, server.ip);
  };
  /** Sends what `packet` gives every 20 ms from now on. */
  const play = (packet) => {
    clearInterval(timer);
    timer = setInterval(() => {
      timestamp += (codecs[0].clockRate * PACKET_MS) / 1000;
      send(packet());
    }, PACKET_MS);
  };
  const stop = () => clearInterval(timer);
  return { producer, send, play, stop };
}

export const PCMU = { mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8000 };

/** An RTP packet (RFC 3550 5.1): `level` is the byte of RFC 6464, if any, and `csrcs` are who was mixed. */
function rtp({ payloadType, ssrc, sequence, marker, at, level, csrcs = [], payload }) {
  const hasLevel = level !== undefined;
  const header = Buffer.alloc(12 + 4 * csrcs.length + (hasLevel ? 8 : 0));
  header[0] = 0x80 | (hasLevel ? 0x10 : 0) | csrcs.length;
  header[1] = (marker ? 0x80 : 0) | payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(at >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  csrcs.forEach((csrc, index) => header.writeUInt32BE(csrc, 12 + 4 * index));
  if (hasLevel) {
    const start = 12 + 4 * csrcs.length;
    header.writeUInt16BE(0xbede, start);
    header.writeUInt16BE(1, start + 2);
    header[start + 4] = AUDIO_LEVEL.id << 4;
    header[start + 5] = level;
  }
  return Buffer.concat([header, payload ?? Buffer.alloc(160, 0xff)]);
}
