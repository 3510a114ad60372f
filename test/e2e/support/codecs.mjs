// What a room's router offers unless it is told otherwise.

/** @type {import('mediasoup').types.RouterRtpCodecCapability[]} */
export const defaultMediaCodecs = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
  { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000 },
  { kind: 'audio', mimeType: 'audio/PCMA', clockRate: 8000 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: {
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
      'level-asymmetry-allowed': 1,
    },
  },
];

/**
 * The default codecs, cut down to the named ones ('VP8', 'opus', …) and in that order.
 * @param {string[]} names
 */
export function mediaCodecsOf(...names) {
  return names.map((name) => {
    const found = defaultMediaCodecs.find(
      ({ mimeType }) => mimeType.split('/')[1]?.toLowerCase() === name.toLowerCase(),
    );
    if (!found) {
      const known = defaultMediaCodecs.map(({ mimeType }) => mimeType.split('/')[1]);
      throw new TypeError(`names: expected some of ${known.join(', ')}, got ${name}`);
    }
    return found;
  });
}
