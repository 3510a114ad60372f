// RTP header extensions (RFC 8285).

/** The value of an extension in an RTP packet, or undefined if it is not there. */
export function headerExtension(packet, id) {
  if (!(packet[0] & 0x10)) return undefined;
  const start = 12 + 4 * (packet[0] & 0x0f);
  const profile = packet.readUInt16BE(start);
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  const isOneByte = profile === 0xbede;
  let at = start + 4;
  while (at < end) {
    if (packet[at] === 0) {
      at += 1;
      continue;
    }
    const [number, length, value] = isOneByte
      ? [packet[at] >> 4, (packet[at] & 0x0f) + 1, at + 1]
      : [packet[at], packet[at + 1], at + 2];
    if (number === id) return packet.subarray(value, value + length);
    at = value + length;
  }
  return undefined;
}
