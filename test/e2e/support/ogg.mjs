// A file of Opus (RFC 7845) of packets that came over the network, for the ffmpeg program to decode.

const SAMPLES_PER_MS = 48;

/**
 * @param {Buffer[]} packets
 * @param {{ channels: number, streams: number, coupled: number, mapping: number[], packetMs?: number }} layout
 *   Mapping family 1: the channels are in Vorbis' order (section 5.1.1.2).
 */
export function oggOpus(packets, { channels, streams, coupled, mapping, packetMs = 20 }) {
  const head = Buffer.alloc(21 + channels);
  head.write('OpusHead');
  head.set([1, channels], 8);
  head.writeUInt32LE(48_000, 12);
  head.set([1, streams, coupled, ...mapping], 18);
  const tags = Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8)]);
  const last = packets.length - 1;
  return Buffer.concat([
    page(head, 0, 0n, 2),
    page(tags, 1, 0n, 0),
    ...packets.map((packet, index) =>
      page(
        packet,
        index + 2,
        BigInt((index + 1) * packetMs * SAMPLES_PER_MS),
        index === last ? 4 : 0,
      ),
    ),
  ]);
}

/** One packet in a page of its own (RFC 3533 section 6). */
function page(packet, sequence, granule, flags) {
  const whole = Math.floor(packet.length / 255);
  const lacing = [...Array(whole).fill(255), packet.length % 255];
  const header = Buffer.alloc(27 + lacing.length);
  header.write('OggS');
  header[5] = flags;
  header.writeBigUInt64LE(granule, 6);
  header.writeUInt32LE(1, 14);
  header.writeUInt32LE(sequence, 18);
  header.set([lacing.length, ...lacing], 26);
  const bytes = Buffer.concat([header, packet]);
  bytes.writeUInt32LE(checksum(bytes), 22);
  return bytes;
}

/** CRC-32 with the polynomial 0x04c11db7, not reflected, from 0. */
function checksum(bytes) {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
