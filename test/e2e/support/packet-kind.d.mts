export type PacketKind = 'stun' | 'handshake' | 'data' | 'rtp' | 'rtcp' | 'other';

/** What a packet of a WebRTC connection is, by its first bytes (RFC 7983, RFC 5761): data is SCTP in DTLS. */
export function kindOf(packet: Uint8Array): PacketKind;
