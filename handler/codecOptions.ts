import type { ProducerCodecOptions, RtpCodecParameters } from '../lib/mediasoupClient.js';

/**
 * Writes the `codecOptions` of `produce()` into parameters, as mediasoup-client does with browsers:
 * into `sent`, which the server is told, and `taken`, which are for the encoder. Both have the same
 * codecs.
 */
export function applyCodecOptions(
  sent: RtpCodecParameters[],
  taken: RtpCodecParameters[],
  options: ProducerCodecOptions,
): void {
  for (const [index, codec] of taken.entries()) {
    const told = sent[index];
    if (!told) continue;
    if (/^audio\/(?:multi)?opus$/i.test(codec.mimeType)) applyOpusOptions(told, codec, options);
    else if (/^video\/(?!rtx$)/i.test(codec.mimeType)) applyVideoOptions(codec, options);
  }
}

function applyOpusOptions(
  told: RtpCodecParameters,
  codec: RtpCodecParameters,
  options: ProducerCodecOptions,
): void {
  const flag = (value: boolean | undefined) => (value === undefined ? value : Number(value));
  const both = {
    useinbandfec: flag(options.opusFec),
    usedtx: flag(options.opusDtx),
    ptime: options.opusPtime,
  };
  told.parameters = withGiven(told.parameters, {
    'sprop-stereo': flag(options.opusStereo),
    ...both,
  });
  codec.parameters = withGiven(codec.parameters, {
    stereo: flag(options.opusStereo),
    ...both,
    maxplaybackrate: options.opusMaxPlaybackRate,
    maxaveragebitrate: options.opusMaxAverageBitrate,
  });
  if (options.opusNack) return;
  // Opus has NACK only where it is asked for.
  for (const one of [told, codec]) {
    one.rtcpFeedback =
      one.rtcpFeedback?.filter(({ type, parameter }) => type !== 'nack' || parameter) ?? [];
  }
}

function applyVideoOptions(codec: RtpCodecParameters, options: ProducerCodecOptions): void {
  codec.parameters = withGiven(codec.parameters, {
    'x-google-start-bitrate': options.videoGoogleStartBitrate,
    'x-google-max-bitrate': options.videoGoogleMaxBitrate,
    'x-google-min-bitrate': options.videoGoogleMinBitrate,
  });
}

/** Parameters with those of `changes` that are given. */
function withGiven(
  parameters: RtpCodecParameters['parameters'],
  changes: Record<string, number | undefined>,
): Record<string, unknown> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...(parameters as object | undefined), ...Object.fromEntries(given) };
}
