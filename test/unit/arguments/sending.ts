// Right arguments of what sends and receives tracks.
import type { types } from 'mediasoup-client';
import * as api from '../../../lib/index.js';
import { closeIt, handlers, listening, noop, one } from './right.js';
import type { Rights } from './right.js';

export type Sent = types.HandlerInterface extends { send(options: never): Promise<infer R> }
  ? R
  : never;
type Received = Awaited<ReturnType<types.HandlerInterface['receive']>>;

export async function ofSending(
  handler: types.HandlerInterface,
  track: MediaStreamTrack,
  audio: MediaStreamTrack,
): Promise<Rights> {
  const on = () => handler;
  const encoding = () => ({
    active: true,
    dtx: false,
    scalabilityMode: 'L1T1',
    scaleResolutionDownBy: 1,
    maxBitrate: 100_000,
    maxFramerate: 10,
    priority: 'low',
    networkPriority: 'low',
  });
  const vp8 = () => ({
    kind: 'video',
    mimeType: 'video/VP8',
    preferredPayloadType: 96,
    clockRate: 90_000,
    parameters: {},
    rtcpFeedback: [{ type: 'nack', parameter: '' }],
  });
  const options = (more: object = {}) => ({
    track,
    streamId: 'stream',
    encodings: [encoding()],
    codecOptions: { videoGoogleStartBitrate: 500 },
    onRtpSender: noop,
    ...more,
  });
  const stop = (sent: unknown) => handler.stopSending((sent as Sent).localId);
  const shared = await handler.send(options() as never);
  const stopped = await handler.send(options() as never);
  const sender = shared.rtpSender as api.RTCRtpSender;
  const sound = await handler.send({ track: audio });
  return {
    'HandlerInterface.send': [
      { on, args: () => [options({ codec: vp8() })], after: stop },
      {
        on,
        args: () => [
          options({
            encodings: [encoding(), encoding()].map((one, i) => ({ ...one, rid: `r${i}` })),
          }),
        ],
        after: stop,
      },
      {
        on,
        args: () => [
          {
            track: audio,
            codecOptions: {
              opusStereo: true,
              opusFec: true,
              opusDtx: true,
              opusNack: true,
              opusPtime: 20,
              opusMaxPlaybackRate: 48_000,
              opusMaxAverageBitrate: 64_000,
            },
          },
        ],
        after: stop,
      },
    ],
    'HandlerInterface.stopSending': one(() => [stopped.localId], {
      on,
      unlikely: 'it is stopped by the first call',
    }),
    'HandlerInterface.pauseSending': one(() => [sound.localId], { on }),
    'HandlerInterface.resumeSending': one(() => [sound.localId], { on }),
    'HandlerInterface.replaceTrack': one(() => [sound.localId, audio], { on }),
    'HandlerInterface.setMaxSpatialLayer': one(() => [sound.localId, 0], { on }),
    'HandlerInterface.setRtpEncodingParameters': one(
      () => [sound.localId, { active: true, maxBitrate: 32_000 }],
      { on },
    ),
    'HandlerInterface.getSenderStats': one(() => [sound.localId], { on }),
    'HandlerInterface.updateIceServers': one(() => [[]], { on }),
    'RTCRtpSender.transform': one(() => [null], { on: () => sender }),
    'RTCRtpSender.replaceTrack': one(() => [track], { on: () => sender }),
    'RTCRtpSender.setParameters': one(() => [sender.getParameters()], { on: () => sender }),
    'RTCDTMFSender.ontonechange': one(() => [noop], {
      on: () => (sound.rtpSender as api.RTCRtpSender).dtmf,
    }),
  };
}

export async function ofReceiving(handler: types.HandlerInterface): Promise<Rights> {
  const on = () => handler;
  let mid = 1000;
  const options = () => ({
    trackId: 'track',
    kind: 'audio',
    streamId: 'stream',
    onRtpReceiver: noop,
    rtpParameters: {
      mid: `m${mid++}`,
      msid: 'stream track',
      codecs: [
        {
          mimeType: 'audio/opus',
          payloadType: 100,
          clockRate: 48_000,
          channels: 2,
          parameters: { useinbandfec: 1 },
          rtcpFeedback: [{ type: 'transport-cc', parameter: '' }],
        },
      ],
      headerExtensions: [
        {
          uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
          id: 10,
          encrypt: false,
          parameters: {},
        },
      ],
      encodings: [{ ssrc: 1_000_000 + mid }],
      rtcp: { cname: 'cname', reducedSize: true, mux: true },
    },
  });
  const [shared, stopped] = await handler.receive([options(), options()] as never);
  if (!shared) throw new Error('nothing is received');
  const { localId } = shared;
  const receiver = () => shared.rtpReceiver;
  const watch = (name: string, value: number): Rights => ({
    [`RTCRtpReceiver.${name}`]: one(() => [value], { on: receiver }),
  });
  let stream = 100;
  return {
    'HandlerInterface.receive': one(() => [[options()]], {
      on,
      after: (made) => handler.stopReceiving((made as Received).map((each) => each.localId)),
    }),
    'HandlerInterface.stopReceiving': one(() => [[stopped?.localId]], {
      on,
      unlikely: 'it is stopped by the first call',
    }),
    'HandlerInterface.pauseReceiving': one(() => [[localId]], { on }),
    'HandlerInterface.resumeReceiving': one(() => [[localId]], { on }),
    'HandlerInterface.getReceiverStats': one(() => [localId], { on }),
    'HandlerInterface.receiveDataChannel': one(
      () => [
        {
          maxMessageSize: 1000,
          label: 'label',
          protocol: 'protocol',
          sctpStreamParameters: {
            streamId: stream++,
            ordered: false,
            maxRetransmits: undefined,
            maxPacketLifeTime: undefined,
            label: 'label',
            protocol: 'protocol',
          },
        },
      ],
      {
        on,
        after: (made) => {
          closeIt((made as { dataChannel: RTCDataChannel }).dataChannel);
        },
      },
    ),
    'RTCRtpReceiver.transform': one(() => [null], { on: receiver }),
    'RTCRtpReceiver.jitterBufferTarget': one(() => [null], { on: receiver }),
    ...watch('audioLevelInterval', 100),
    ...watch('voiceActivityThreshold', -50),
    ...watch('voiceActivityHold', 500),
    ...handlers('RTCRtpReceiver', receiver, 'audiolevel', 'voiceactivity'),
    ...listening('RTCRtpReceiver', 'audiolevel', receiver),
  };
}

/** Coded frames of what is sent, on their way through the app. A stream that refused one takes no more. */
export function ofEncodedStreams(handler: types.HandlerInterface, track: MediaStreamTrack): Rights {
  const frame = (Frame: { of: typeof api.RTCEncodedAudioFrame.of }) =>
    Frame.of({ sequence: 1 } as never, new ArrayBuffer(3), { owner: {}, mimeType: '' });
  const audio = frame(api.RTCEncodedAudioFrame);
  const video = frame(api.RTCEncodedVideoFrame);
  return {
    'RTCInsertableStreams.writable': one(() => [audio], {
      on: async () => {
        const { localId, rtpSender } = await handler.send({ track });
        return { ...(rtpSender as api.RTCRtpSender).createEncodedStreams(), localId };
      },
      end: (on) => handler.stopSending((on as Sent).localId),
    }),
    'RTCEncodedAudioFrame.data': one(() => [new ArrayBuffer(3)], { on: () => audio }),
    'RTCEncodedVideoFrame.data': one(() => [new ArrayBuffer(3)], { on: () => video }),
  };
}
