import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HandlerSendOptions, SctpStreamParameters } from 'mediasoup-client/types';
import {
  checkReceiveOptions,
  msidToken,
  parseChannelOptions,
  parseSendOptions,
  parseTransportOptions,
} from '../../handler/options.js';

const candidate = {
  foundation: 'udp',
  priority: 1,
  address: '192.0.2.1',
  ip: '192.0.2.1',
  protocol: 'udp',
  port: 5000,
  type: 'host',
} as const;

const transport = (options: object = {}): ReturnType<typeof parseTransportOptions> =>
  parseTransportOptions({ iceCandidates: [candidate], ...options });

const send = (options: object, kind = 'video'): ReturnType<typeof parseSendOptions> =>
  parseSendOptions({ track: { kind, id: 't' }, ...options } as unknown as HandlerSendOptions);

const refusal = (name: string) => (error: Error) => {
  assert.equal(error.name, 'UnsupportedError');
  assert.equal((error as Error & { code: string }).code, 'ERR_UNSUPPORTED');
  assert.ok(error.message.startsWith(name), error.message);
  return true;
};

const wrong =
  (...words: string[]) =>
  (error: Error) => {
    assert.equal(error.name, 'TypeError');
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };

describe('options of a transport', () => {
  it('contact nobody by default', () => {
    assert.deepEqual(transport(), { iceServers: [], iceTransportPolicy: 'all', loopback: false });
    assert.deepEqual(transport({ iceServers: null }).iceServers, []);
  });

  it('take every ICE server, with one URL or many, and no credentialType', () => {
    const iceServers = [
      { urls: 'stun:192.0.2.1:3478' },
      { urls: ['turn:192.0.2.2?transport=tcp', 'turns:192.0.2.2'], username: 'u', credential: 'c' },
      { urls: 'turn:192.0.2.3', username: 'v', credential: 'd', credentialType: 'password' },
    ];
    assert.deepEqual(transport({ iceServers }).iceServers, [
      { urls: ['stun:192.0.2.1:3478'] },
      { urls: ['turn:192.0.2.2?transport=tcp', 'turns:192.0.2.2'], username: 'u', credential: 'c' },
      { urls: ['turn:192.0.2.3'], username: 'v', credential: 'd' },
    ]);
  });

  it('name the ICE server that is wrong', () => {
    const cases: [unknown, ...string[]][] = [
      ['stun:192.0.2.1', 'iceServers', 'an array'],
      [['stun:192.0.2.1'], 'iceServers[0]', 'an object'],
      [[{}], 'iceServers[0].urls', 'undefined'],
      [[{ urls: [] }], 'iceServers[0].urls'],
      [[{ urls: 'http://192.0.2.1' }], 'iceServers[0].urls', '"http://192.0.2.1"'],
      [[{ urls: 'stun:192.0.2.1:65536' }], 'iceServers[0].urls'],
      [[{ urls: 'stun:192.0.2.1?transport=tcp' }], 'iceServers[0].urls'],
      [[{ urls: 'turn:a?transport=sctp' }], 'iceServers[0].urls'],
      [[{ urls: 'turn://a' }], 'iceServers[0].urls'],
      [[{ urls: 'stun:a' }, { urls: 'turn:a' }], 'iceServers[1]', 'a credential'],
      [[{ urls: 'turn:a', username: 1, credential: 'c' }], 'iceServers[0].username', '1'],
    ];
    for (const [iceServers, ...words] of cases) {
      assert.throws(() => transport({ iceServers }), wrong(...words));
    }
  });

  it('gather on loopback only where the server is on it', () => {
    for (const address of ['127.0.0.1', '127.8.0.1', '::1']) {
      const iceCandidates = [candidate, { ...candidate, address }];
      assert.equal(transport({ iceCandidates }).loopback, true, address);
    }
    const old = [{ ...candidate, address: undefined, ip: '127.0.0.1' }];
    assert.equal(transport({ iceCandidates: old }).loopback, true);
  });

  it('have a policy of all or relay', () => {
    assert.equal(transport({ iceTransportPolicy: 'relay' }).iceTransportPolicy, 'relay');
    assert.throws(() => transport({ iceTransportPolicy: 'none' }), wrong('iceTransportPolicy'));
  });

  it('refuse additional settings and forced extensions by name, but not what asks for nothing', () => {
    transport({ additionalSettings: { iceCandidatePoolSize: 0, certificates: undefined } });
    transport({ forcedRtpExtensions: {} });
    assert.throws(
      () => transport({ additionalSettings: { encodedInsertableStreams: true } }),
      refusal('additionalSettings.encodedInsertableStreams'),
    );
    assert.throws(
      () => transport({ forcedRtpExtensions: { 'urn:x': true } }),
      refusal('forcedRtpExtensions: "urn:x"'),
    );
  });
});

describe('options of send()', () => {
  it('pass bitrate and frame rate of the one encoding on', () => {
    const encodings = [{ maxBitrate: 500_000, maxFramerate: 15, active: true, priority: 'low' }];
    assert.deepEqual(send({ encodings }), {
      encodings: [{ maxBitrate: 500_000, maxFramerate: 15 }],
      opusStereo: false,
    });
    assert.deepEqual(send({ encodings: [{ scalabilityMode: 'L1T1' }] }).encodings, [{}]);
    assert.deepEqual(send({}).encodings, [{}]);
  });

  it('take the lowest of the limits that codec options and the encoding set', () => {
    const codecOptions = { videoGoogleMaxBitrate: 300, opusMaxAverageBitrate: 32_000 };
    const encodings = [{ maxBitrate: 500_000 }];
    assert.equal(send({ codecOptions, encodings }).encodings[0]?.maxBitrate, 300_000);
    assert.equal(send({ codecOptions }, 'audio').encodings[0]?.maxBitrate, 32_000);
  });

  it('pass stereo on', () => {
    assert.equal(send({ codecOptions: { opusStereo: true } }, 'audio').opusStereo, true);
  });

  it('refuse by name what is not built', () => {
    const cases: [string, object, string?][] = [
      ['encodings: simulcast', { encodings: [{}, {}] }],
      ['encodings[0].scalabilityMode', { encodings: [{ scalabilityMode: 'L3T3' }] }],
      ['encodings[0].scaleResolutionDownBy', { encodings: [{ scaleResolutionDownBy: 2 }] }],
      ['encodings[0].active', { encodings: [{ active: false }] }],
      ['encodings[0].dtx', { encodings: [{ dtx: true }] }],
      ['encodings[0].priority', { encodings: [{ priority: 'high' }] }],
      ['onRtpSender', { onRtpSender: (): void => undefined }],
      [
        'headerExtensionOptions.absCaptureTime',
        { headerExtensionOptions: { absCaptureTime: true } },
      ],
      ['codecOptions.opusFec', { codecOptions: { opusFec: true } }, 'audio'],
      ['codecOptions.opusDtx', { codecOptions: { opusDtx: true } }, 'audio'],
      ['codecOptions.opusNack', { codecOptions: { opusNack: true } }, 'audio'],
      ['codecOptions.opusPtime', { codecOptions: { opusPtime: 60 } }, 'audio'],
      [
        'codecOptions.opusMaxPlaybackRate',
        { codecOptions: { opusMaxPlaybackRate: 8000 } },
        'audio',
      ],
      ['codecOptions.videoGoogleStartBitrate', { codecOptions: { videoGoogleStartBitrate: 1000 } }],
      ['codecOptions.videoGoogleMinBitrate', { codecOptions: { videoGoogleMinBitrate: 100 } }],
    ];
    for (const [name, options, kind] of cases) {
      assert.throws(() => send(options, kind), refusal(name));
    }
  });

  it('ignore codec options of the other kind and those that are off', () => {
    send({ codecOptions: { videoGoogleStartBitrate: 1000 } }, 'audio');
    send({ codecOptions: { opusDtx: true } }, 'video');
    send({ codecOptions: { opusDtx: false, opusFec: false, opusPtime: 20 } }, 'audio');
    send({ headerExtensionOptions: { absCaptureTime: false } });
  });

  it('name what is wrong', () => {
    assert.throws(() => send({ streamId: 'a b' }), wrong('streamId', '"a b"'));
    assert.throws(() => send({ streamId: '' }), wrong('streamId'));
    assert.throws(
      () => send({ encodings: [{ maxBitrate: -1 }] }),
      wrong('encodings[0].maxBitrate', '-1'),
    );
    assert.throws(
      () => send({ encodings: [{ maxFramerate: Number.NaN }] }),
      wrong('encodings[0].maxFramerate', 'NaN'),
    );
  });
});

it('receive() refuses onRtpReceiver', () => {
  const options = { trackId: 't', kind: 'audio', rtpParameters: { codecs: [] } } as const;
  checkReceiveOptions(options as never);
  assert.throws(() => {
    checkReceiveOptions({ ...options, onRtpReceiver: (): void => undefined } as never);
  }, refusal('onRtpReceiver'));
});

describe('options of a data channel', () => {
  const sctp = { port: 5000, maxSendMessageSize: 1000, maxReceiveMessageSize: 2000 };
  const channel = (given: SctpStreamParameters): ReturnType<typeof parseChannelOptions> =>
    parseChannelOptions({ streamId: 3, ...given }, sctp);

  it('are ordered by default, with what the server takes as their limit', () => {
    assert.deepEqual(channel({}), {
      id: 3,
      label: '',
      protocol: '',
      ordered: true,
      maxMessageSize: 2000,
    });
  });

  it('take one kind of reliability', () => {
    assert.equal(channel({ ordered: false, maxRetransmits: 0 }).maxRetransmits, 0);
    assert.equal(channel({ ordered: false, maxPacketLifeTime: 65535 }).maxPacketLifeTime, 65535);
    assert.throws(
      () => channel({ maxPacketLifeTime: 1, maxRetransmits: 1 }),
      wrong('maxPacketLifeTime', 'maxRetransmits'),
    );
  });

  it('name what is out of range', () => {
    assert.throws(() => channel({ streamId: 65535 }), wrong('streamId', '65535'));
    assert.throws(() => channel({ maxRetransmits: 65536 }), wrong('maxRetransmits', '65536'));
    assert.throws(() => channel({ maxPacketLifeTime: 1.5 }), wrong('maxPacketLifeTime', '1.5'));
    assert.throws(() => channel({ label: '€'.repeat(21846) }), wrong('label', '65538'));
    channel({ label: '€'.repeat(21845) });
  });

  it('are refused where the server has no SCTP', () => {
    assert.throws(() => parseChannelOptions({ streamId: 0 }, undefined), refusal('the server'));
  });
});

it('the id of a track becomes one word', () => {
  assert.equal(msidToken('plain-id'), 'plain-id');
  assert.equal(msidToken('my camera'), 'my%20camera');
  assert.equal(msidToken(''), '-');
});
