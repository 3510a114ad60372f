/** What a packet of a WebRTC connection is, by its first bytes (RFC 7983, RFC 5761): data is SCTP in DTLS. */
export function kindOf([first = 0, second = 0]) {
  if (first < 4) return 'stun';
  if (first >= 20 && first < 64) return first === 23 ? 'data' : 'handshake';
  if (first >= 128 && first < 192) return second >= 192 && second < 224 ? 'rtcp' : 'rtp';
  return 'other';
}
