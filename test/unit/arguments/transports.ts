// Right arguments of what makes transports.
import type { types } from 'mediasoup-client';
import type * as api from '../../../lib/index.js';
import { closeIt, handlers, listening, one } from './right.js';
import type { Rights } from './right.js';

export function ofWorkers(worker: api.Worker): Rights {
  const forcedRtpExtensions = () => ({ 'urn:ietf:params:rtp-hdrext:ssrc-audio-level': true });
  return {
    createFactory: one(() => ['none', { forcedRtpExtensions: forcedRtpExtensions() }]),
    createWorker: one(() => [{ logLevel: 'none', publicOnly: true }], { after: closeIt }),
    Worker: one(() => [{ logLevel: 'none', publicOnly: true }], { after: closeIt }),
    'Worker.createHandlerFactory': one(() => [{ forcedRtpExtensions: forcedRtpExtensions() }], {
      on: () => worker,
    }),
    'HandlerFactory.getNativeRtpCapabilities': one(() => [{ direction: 'sendonly' }], {
      on: () => worker.createHandlerFactory(),
    }),
  };
}

const iceServers = () => [{ urls: ['turn:127.0.0.1:1'], username: 'u', credential: 'c' }];

/** Has a transport use what it was told of its server. */
async function connect(made: unknown): Promise<void> {
  const handler = made as types.HandlerInterface;
  handler.on('@connect', (_, accept) => {
    accept();
  });
  const { sctpParameters, direction } = optionsOf({ handler });
  if (!sctpParameters) return;
  const sctpStreamParameters = { streamId: 0, ordered: true };
  if (direction === 'send') await handler.sendDataChannel({ sctpStreamParameters });
  else await handler.receiveDataChannel({ sctpStreamParameters });
}

export function ofFactories(worker: api.Worker, given: types.HandlerOptions): Rights {
  return {
    'HandlerInterface.restartIce': one(() => [{ ...given.iceParameters, iceLite: true }], {
      on: () => worker.createHandlerFactory().factory(given),
      end: closeIt,
    }),
    'HandlerFactory.factory': (['send', 'recv'] as const).map((direction) => ({
      on: () => worker.createHandlerFactory(),
      then: connect,
      args: () => [
        {
          ...structuredClone({ ...given, getSendExtendedRtpCapabilities: undefined }),
          getSendExtendedRtpCapabilities: given.getSendExtendedRtpCapabilities,
          direction,
          iceServers: iceServers(),
          iceTransportPolicy: 'all',
          additionalSettings: {
            bundlePolicy: 'max-bundle',
            rtcpMuxPolicy: 'require',
            certificates: [],
            iceCandidatePoolSize: 0,
            iceServers: iceServers(),
            iceTransportPolicy: 'all',
            excludedInterfaces: ['none0'],
            srtpProfiles: ['SRTP_AEAD_AES_128_GCM'],
          },
          forcedRtpExtensions: { 'urn:ietf:params:rtp-hdrext:ssrc-audio-level': true },
        },
      ],
      after: closeIt,
    })),
  };
}

/** What mediasoup-client gave the handler. */
export function optionsOf({ handler }: { handler: types.HandlerInterface }): types.HandlerOptions {
  return (handler as unknown as { options: types.HandlerOptions }).options;
}

export async function ofChannels(handler: types.HandlerInterface): Promise<Rights> {
  const parameters = () => ({
    ordered: true,
    maxRetransmits: undefined,
    maxPacketLifeTime: undefined,
    label: 'label',
    protocol: 'protocol',
  });
  const { dataChannel } = await handler.sendDataChannel({
    sctpStreamParameters: parameters(),
  } as never);
  if (dataChannel.readyState !== 'open') {
    await new Promise((resolve) => {
      dataChannel.addEventListener('open', resolve, { once: true });
    });
  }
  const on = () => dataChannel;
  return {
    'HandlerInterface.sendDataChannel': one(() => [{ sctpStreamParameters: parameters() }], {
      on: () => handler,
      after: (made) => {
        closeIt((made as { dataChannel: RTCDataChannel }).dataChannel);
      },
    }),
    'DataChannel.bufferedAmountLowThreshold': one(() => [1], { on }),
    'DataChannel.binaryType': one(() => ['arraybuffer'], { on }),
    'DataChannel.send': one(() => ['message'], { on }),
    ...handlers(
      'DataChannel',
      on,
      ...['open', 'message', 'bufferedamountlow', 'closing', 'close', 'error'],
    ),
    ...listening('DataChannel', 'bufferedamountlow', on),
  };
}
