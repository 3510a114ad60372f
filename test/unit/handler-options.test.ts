import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HandlerSendOptions, SctpStreamParameters } from 'mediasoup-client/types';
import { msidToken, parseChannelOptions } from '../../handler/options.js';
import { checkReceiveOptions } from '../../handler/receiveOptions.js';
import { parseTransportOptions } from '../../handler/configuration.js';
import { parseSendOptions } from '../../handler/sendOptions.js';

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
      [[{ urls: 'turn:a', username: 1, credential: 'c' }], 'iceServers[0].username', 'number'],
    ];
    for (const [iceServers, ...words] of cases) {
      assert.throws(() => transport({ iceServers }), wrong(...words));
    }
  });

  it('tell nothing of what may be a password but its type, whatever it is', () => {
    for (const secret of [5318008, 5318008n, Symbol('5318008'), [5318008], { 5318008: 1 }]) {
      for (const given of [
        { urls: 'turn:a', username: 'u', credential: secret },
        { urls: 'turn:a', username: secret, credential: 'c' },
        ...(typeof secret === 'object' ? [] : [secret]),
      ]) {
        assert.throws(
          () => transport({ iceServers: [given] }),
          (error: Error) => {
            assert.match(error.message, /^iceServers\[0\].*, got a value of type [a-z]+$/);
            assert.ok(!error.message.includes('5318008'), error.message);
            return true;
          },
        );
      }
    }
  });

  it('refuse STUN over TLS, which has no use', () => {
    assert.throws(() => transport({ iceServers: [{ urls: 'stuns:a' }] }), refusal('iceServers[0]'));
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
});

describe('options of send()', () => {
  it('pass bitrate and frame rate of the one encoding on', () => {
    const encodings = [{ maxBitrate: 500_000, maxFramerate: 15, active: true, priority: 'low' }];
    assert.deepEqual(send({ encodings }).encodings[0], {
      active: true,
      maxBitrate: 500_000,
      maxFramerate: 15,
    });
    assert.deepEqual(send({ encodings: [{ scalabilityMode: 'L1T1', dtx: true }] }).encodings[0], {
      active: true,
      scalabilityMode: 'L1T1',
    });
    assert.equal(send({ encodings: [{ active: false }] }).encodings[0]?.active, false);
    assert.deepEqual(
      send({ encodings: [{ scaleResolutionDownBy: 2, scalabilityMode: 'L1T3' }] }).encodings[0],
      { active: true, scaleResolutionDownBy: 2, scalabilityMode: 'L1T3' },
    );
    assert.deepEqual(send({}).encodings[0], { active: true });
  });

  it('complete several encodings as browsers do, of low quality first', () => {
    assert.deepEqual(send({ encodings: [{}, {}, {}] }).encodings, [
      { rid: 'r0', scaleResolutionDownBy: 4, active: true },
      { rid: 'r1', scaleResolutionDownBy: 2, active: true },
      { rid: 'r2', scaleResolutionDownBy: 1, active: true },
    ]);
    const given = [
      { rid: 'low', scaleResolutionDownBy: 3, scalabilityMode: 'L1T2', active: false },
      { rid: 'high', scalabilityMode: 'L1T3', maxBitrate: 800_000, dtx: false },
    ];
    assert.deepEqual(send({ encodings: given }).encodings, [
      { rid: 'low', active: false, scaleResolutionDownBy: 3, scalabilityMode: 'L1T3' },
      { rid: 'high', active: true, maxBitrate: 800_000, scalabilityMode: 'L1T3' },
    ]);
    assert.deepEqual(send({ encodings: [] }).encodings, [{ active: true }]);
  });

  it('refuse encodings that cannot be sent side by side', () => {
    const unsupported = (message: string): object => ({ name: 'UnsupportedError', message });
    const cases: [object[] | object, object, string?][] = [
      [[{}, {}, {}, {}], unsupported('encodings: expected 3 at the most, got 4')],
      [[{}, {}], unsupported('encodings: expected one encoding, as it is audio, got 2'), 'audio'],
      [
        [{}, { scalabilityMode: 'L3T3' }],
        unsupported(
          'encodings[1].scalabilityMode: expected L1T1, L1T2 or L1T3, as there are several encodings, got "L3T3"',
        ),
      ],
      [[{}, { ssrc: 1 }], unsupported('encodings[1].ssrc is not supported')],
      [[{}, { rtx: { ssrc: 1 } }], unsupported('encodings[1].rtx is not supported')],
      [
        [{}, { codecPayloadType: 96 }],
        unsupported('encodings[1].codecPayloadType is not supported'),
      ],
      [
        [{ rid: 'a-b' }, { rid: 'c' }],
        wrong('encodings[0].rid', 'expected 1 to 16 letters and digits, got "a-b"'),
      ],
      [[{ rid: 'a'.repeat(17) }, { rid: 'c' }], wrong('encodings[0].rid')],
      [[{ rid: 1 }, { rid: 'c' }], wrong('encodings[0].rid', 'got 1')],
      [[{ rid: 'a' }, { rid: 'a' }], wrong('encodings[1].rid', 'expected another than "a"')],
      [[{ rid: 'a' }, {}], wrong('encodings', 'expected a rid in each or in none, got 1')],
      [[{}, { scaleResolutionDownBy: 0 }], wrong('encodings[1].scaleResolutionDownBy', '0')],
      [[{}, { maxFramerate: -1 }], wrong('encodings[1].maxFramerate', '-1')],
      [[{}, { maxBitrate: 0 }], wrong('encodings[1].maxBitrate', '0')],
      [[{}, { active: null }], wrong('encodings[1].active', 'null')],
      [[{}, null as unknown as object], wrong('encodings[1]', 'null')],
      [{}, wrong('encodings', 'expected an array')],
    ];
    for (const [encodings, error, kind = 'video'] of cases) {
      assert.throws(() => send({ encodings }, kind), error);
    }
  });

  it('refuse by name what is not built', () => {
    const cases: [string, object, string?][] = [
      ['encodings', { encodings: [{}, {}, {}, {}] }],
      ['encodings[0].scalabilityMode: "L4T1"', { encodings: [{ scalabilityMode: 'L4T1' }] }],
      ['encodings[0].scalabilityMode: 3', { encodings: [{ scalabilityMode: 3 }] }],
      ['encodings[0].adaptivePtime', { encodings: [{ adaptivePtime: true }] }],
      ['encodings[0].ssrc', { encodings: [{ ssrc: 1 }] }],
      ['encodings[0].rid', { encodings: [{ rid: 'a' }] }],
      ['encodings[0].priority', { encodings: [{ priority: 'high' }] }],
      ['headerExtensionOptions.other', { headerExtensionOptions: { other: true } }],
    ];
    for (const [name, options, kind] of cases) {
      assert.throws(() => send(options, kind), refusal(name));
    }
  });

  it('take codec options within their range, of both kinds', () => {
    const codecOptions = {
      ...{ opusStereo: true, opusFec: true, opusDtx: false, opusNack: true, opusPtime: 60 },
      ...{ opusMaxPlaybackRate: 8000, opusMaxAverageBitrate: 510_000 },
      ...{ videoGoogleStartBitrate: 1000, videoGoogleMinBitrate: 1, videoGoogleMaxBitrate: 1000 },
    };
    for (const kind of ['audio', 'video']) {
      assert.deepEqual(send({ codecOptions }, kind), { encodings: [{ active: true }] });
    }
    send({ headerExtensionOptions: { absCaptureTime: false } });
  });

  it('name the codec option that is wrong', () => {
    const cases: [string, unknown][] = [
      ...['opusStereo', 'opusFec', 'opusDtx', 'opusNack'].flatMap((name): [string, unknown][] => [
        [name, 1],
        [name, 'yes'],
      ]),
      ...[0, 15, 120, '20', null].map((value): [string, unknown] => ['opusPtime', value]),
      ...[7999, 48_001, Number.NaN, '8000'].map((value): [string, unknown] => [
        'opusMaxPlaybackRate',
        value,
      ]),
      ['opusMaxAverageBitrate', 5999],
      ['opusMaxAverageBitrate', 510_001],
      ...['Start', 'Min', 'Max'].flatMap((which): [string, unknown][] => [
        [`videoGoogle${which}Bitrate`, 0],
        [`videoGoogle${which}Bitrate`, Infinity],
        [`videoGoogle${which}Bitrate`, '300'],
      ]),
    ];
    for (const [name, value] of cases) {
      for (const kind of ['audio', 'video']) {
        assert.throws(
          () => send({ codecOptions: { [name]: value } }, kind),
          wrong(`codecOptions.${name}: expected`),
        );
      }
    }
    assert.throws(
      () => send({ codecOptions: { videoGoogleMinBitrate: 2, videoGoogleMaxBitrate: 1 } }),
      wrong('codecOptions.videoGoogleMinBitrate', 'videoGoogleMaxBitrate'),
    );
  });

  it('name what is wrong', () => {
    assert.throws(() => send({ streamId: 'a b' }), wrong('streamId', '"a b"'));
    assert.throws(() => send({ streamId: '' }), wrong('streamId'));
    assert.throws(() => send({ onRtpSender: 'me' }), wrong('onRtpSender', 'a function'));
    assert.throws(() => send({ encodings: [{ active: 1 }] }), wrong('encodings[0].active', '1'));
    assert.throws(() => send({ encodings: [{ dtx: 'on' }] }), wrong('encodings[0].dtx', '"on"'));
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

it('name the option of receive() that is wrong', () => {
  const rtpParameters = { codecs: [], encodings: [{ ssrc: 1 }] };
  const options = { trackId: 't', kind: 'audio' as const, rtpParameters };
  checkReceiveOptions({ ...options, onRtpReceiver: (): void => undefined, streamId: 'a' });
  const check = (others: object): void => {
    checkReceiveOptions({ ...options, ...others });
  };
  assert.throws(
    () => {
      check({ onRtpReceiver: {} });
    },
    wrong('onRtpReceiver', 'a function'),
  );
  assert.throws(
    () => {
      check({ streamId: 'a b' });
    },
    wrong('streamId', '"a b"'),
  );
  for (const encodings of [undefined, [], [{ rid: 'r0' }]]) {
    assert.throws(
      () => {
        check({ rtpParameters: { codecs: [], encodings } });
      },
      wrong('rtpParameters.encodings', 'at least one encoding, with its ssrc'),
    );
  }
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
