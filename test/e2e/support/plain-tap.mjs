// What a producer sends, as plain RTP at a UDP socket.
import dgram from 'node:dgram';
import { EventEmitter, once } from 'node:events';

/** Emits 'packet' with each RTP packet (see parseRtp) and 'close'. Begins at a keyframe. */
export class PlainTap extends EventEmitter {
  #socket;
  #transport;

  consumer;
  packetCount = 0;
  byteCount = 0;

  constructor(socket, transport, consumer) {
    super();
    this.#socket = socket;
    this.#transport = transport;
    this.consumer = consumer;
    socket.on('message', (message) => this.#take(message));
  }

  static async open(server, producer) {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, server.ip);
    await once(socket, 'listening');
    try {
      const { transport, consumer } = await consumePlain(server, producer, {
        port: socket.address().port,
      });
      const tap = new PlainTap(socket, transport, consumer);
      await consumer.resume();
      return tap;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Resolves to the next `count` packets, or rejects after `timeoutMs`. */
  async packets(count, { timeoutMs = 30_000 } = {}) {
    const signal = AbortSignal.timeout(timeoutMs);
    const packets = [];
    const done = new Promise((resolve, reject) => {
      const take = (packet) => {
        packets.push(packet);
        if (packets.length >= count) finish(resolve);
      };
      const late = () =>
        finish(() =>
          reject(new Error(`got ${packets.length} of ${count} packets in ${timeoutMs} ms`)),
        );
      const finish = (settle) => {
        this.off('packet', take);
        signal.removeEventListener('abort', late);
        settle();
      };
      this.on('packet', take);
      signal.addEventListener('abort', late);
    });
    await done;
    return packets;
  }

  async close() {
    if (!this.#socket) return;
    const socket = this.#socket;
    this.#socket = undefined;
    if (!this.#transport.closed) this.#transport.close();
    socket.close();
    await once(socket, 'close');
    this.emit('close');
  }

  #take(message) {
    const packet = parseRtp(message);
    if (!packet) return;
    this.packetCount++;
    this.byteCount += message.length;
    this.emit('packet', packet);
  }
}

/** Sends a producer to 127.0.0.1:port, without retransmissions or header extensions. Begins paused. */
export async function consumePlain(server, producer, { port, rtcpPort }) {
  const transport = await server.router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: server.ip },
    rtcpMux: rtcpPort === undefined,
  });
  try {
    await transport.connect({ ip: server.ip, port, ...(rtcpPort && { rtcpPort }) });
    const consumer = await transport.consume({
      producerId: producer.id,
      rtpCapabilities: {
        codecs: server.router.rtpCapabilities.codecs.filter(
          ({ mimeType }) => !mimeType.endsWith('/rtx'),
        ),
        headerExtensions: [],
      },
      paused: true,
    });
    return { transport, consumer };
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** The parts of an RTP packet (RFC 3550 5.1), or undefined if it is RTCP (RFC 5761 4). */
export function parseRtp(message) {
  if (message.length < 12 || message[0] >> 6 !== 2) return undefined;
  if (message[1] >= 192 && message[1] <= 223) return undefined;
  let offset = 12 + 4 * (message[0] & 0x0f);
  if (message[0] & 0x10) {
    if (message.length < offset + 4) return undefined;
    offset += 4 + 4 * message.readUInt16BE(offset + 2);
  }
  const padding = message[0] & 0x20 ? message[message.length - 1] : 0;
  return {
    marker: (message[1] & 0x80) !== 0,
    payloadType: message[1] & 0x7f,
    sequenceNumber: message.readUInt16BE(2),
    timestamp: message.readUInt32BE(4),
    ssrc: message.readUInt32BE(8),
    payload: message.subarray(offset, message.length - padding),
  };
}
