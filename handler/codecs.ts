import { reduceCodecs } from 'mediasoup-client/ortc';
import type { RtpCodecCapability, RtpCodecParameters } from '../lib/mediasoupClient.js';
import { NotSupportedError } from '../lib/errors.js';
import type { NativeTrack } from '../lib/NativeTrack.js';
import { coreCodec, isRtx } from './rtpParameters.js';

/**
 * The codec that a track is sent in: the app's, or the first of the router's that the track can be
 * had in. A file that is passed through, and a received track, do not come in every codec.
 *
 * @throws NotSupportedError with the reason if there is none, UnsupportedError if the app's is not
 *   among `codecs`.
 */
export async function chooseCodec(
  kind: 'audio' | 'video',
  track: NativeTrack,
  codecs: RtpCodecParameters[],
  wanted: RtpCodecCapability | undefined,
  isSimulcast: boolean,
): Promise<RtpCodecCapability> {
  const candidates = (wanted ? reduceCodecs(codecs, wanted) : multiopusLast(codecs)).filter(
    (one) => !isRtx(one),
  );
  const reasons = await track.checkCodecs(candidates.map(coreCodec), isSimulcast);
  const chosen = candidates[reasons.indexOf('')];
  if (chosen) {
    const { payloadType: preferredPayloadType, ...codec } = chosen;
    return { ...codec, kind, preferredPayloadType };
  }
  throw new NotSupportedError(
    [...new Set(reasons)].join('; ') || 'there is no codec to send it in',
  );
}

/**
 * No browser takes Opus of more than two channels without being told to: an app that wants it for more than
 * what comes in nothing else names it.
 */
function multiopusLast(codecs: RtpCodecParameters[]): RtpCodecParameters[] {
  const isMultiopus = ({ mimeType }: RtpCodecParameters) => /\/multiopus$/i.test(mimeType);
  return [
    ...codecs.filter((codec) => !isMultiopus(codec)),
    ...codecs.filter((codec) => isMultiopus(codec)),
  ];
}
