import { validateAndNormalizeRtpCapabilities } from 'mediasoup-client/ortc';
import type {
  RtcpFeedback,
  RtpCapabilities,
  RtpCodecParameters,
  RtpHeaderExtensionUri,
  RtpParameters,
} from '../lib/mediasoupClient.js';
import type { Capabilities, Codec, RTPParameters as CoreParameters } from '../lib/wire.js';

export type Kind = 'audio' | 'video';

/** What the core can send or receive, as mediasoup-client has it: new objects, as it changes them. */
export function rtpCapabilities(core: Capabilities): RtpCapabilities {
  // A header extension has one kind there, as read from the SDP of a browser: the last.
  const extensions = new Map(core.headerExtensions.map((one) => [one.id, one]));
  return capabilitiesOf(core.codecs, [...extensions.values()]);
}

/** The same of one kind. */
export function rtpCapabilitiesOf(kind: Kind, core: Capabilities): RtpCapabilities {
  const ofKind = (one: { kind: string }): boolean => one.kind === kind;
  return capabilitiesOf(core.codecs.filter(ofKind), core.headerExtensions.filter(ofKind));
}

function capabilitiesOf(
  codecs: Capabilities['codecs'],
  extensions: Capabilities['headerExtensions'],
): RtpCapabilities {
  const capabilities: RtpCapabilities = {
    codecs: codecs.map(({ kind, codec, payloadType, rtcpFeedback }) => ({
      kind: kind as Kind,
      mimeType: codec.mimeType,
      preferredPayloadType: payloadType,
      clockRate: codec.clockRate,
      ...(kind === 'audio' ? { channels: codec.channels } : {}),
      parameters: parseParameters(codec.parameters),
      rtcpFeedback: rtcpFeedback.map((one) => ({ ...one })),
    })),
    headerExtensions: extensions.map(({ kind, uri, id }) => ({
      kind: kind as Kind,
      uri: uri as RtpHeaderExtensionUri,
      preferredId: id,
    })),
  };
  validateAndNormalizeRtpCapabilities(capabilities);
  return capabilities;
}

/** What the core is told of the streams of a track, whose first codec is that of its media. */
export function coreParameters({ mid, codecs, headerExtensions }: RtpParameters): CoreParameters {
  const [media] = codecs;
  if (!media) throw new TypeError('rtpParameters.codecs: expected at least one');
  const rtx = codecs.find((one) => isRtx(one) && one.parameters?.['apt'] === media.payloadType);
  return {
    mid: mid ?? '',
    codec: coreCodec(media),
    payloadType: media.payloadType,
    ...(rtx ? { rtxPayloadType: rtx.payloadType } : {}),
    // JSON of some servers has null for what is not there.
    headerExtensions: ((headerExtensions as RtpParameters['headerExtensions'] | null) ?? []).map(
      ({ uri, id }) => ({ uri, id }),
    ),
    rtcpFeedback: (media.rtcpFeedback ?? []).map(({ type, parameter = '' }: RtcpFeedback) => ({
      type,
      parameter,
    })),
  };
}

export function coreCodec({
  mimeType,
  clockRate,
  channels,
  parameters,
}: RtpCodecParameters): Codec {
  return { mimeType, clockRate, channels: channels ?? 0, parameters: formatParameters(parameters) };
}

export function isRtx({ mimeType }: { mimeType: string }): boolean {
  return /\/rtx$/i.test(mimeType);
}

/** Reads an `a=fmtp` line (RFC 8866), without the payload type. */
function parseParameters(line: string): Record<string, string | number> {
  const pairs = line.split(';').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      // A profile is text, though its digits may look like a number.
      const isNumber = name !== 'profile-level-id' && String(Number(value)) === value;
      return [name, isNumber ? Number(value) : value];
    }),
  );
}

/** Writes one. */
function formatParameters(parameters: Record<string, unknown> | null | undefined): string {
  return Object.entries(parameters ?? {})
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(';');
}
