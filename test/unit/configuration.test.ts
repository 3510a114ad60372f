import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTransportOptions } from '../../handler/configuration.js';

type Given = Parameters<typeof parseTransportOptions>[0];

const parse = (additionalSettings: unknown, options: object = {}) =>
  parseTransportOptions({ iceCandidates: [], ...options, additionalSettings } as unknown as Given);

const none = { iceServers: [], iceTransportPolicy: 'all', loopback: false };

const refusal = (name: string) => ({
  name: 'UnsupportedError',
  code: 'ERR_UNSUPPORTED',
  message: new RegExp(`^additionalSettings\\.${name}\\b`),
});

const wrong = (name: string) => ({
  name: 'TypeError',
  message: new RegExp(`^additionalSettings\\.${name}`),
});

describe("W3C's RTCConfiguration in additionalSettings", () => {
  it('may be empty, and its members undefined', () => {
    assert.deepEqual(parse(undefined), none);
    assert.deepEqual(parse({}), none);
    assert.deepEqual(parse({ certificates: undefined, bundlePolicy: undefined }), none);
    assert.throws(() => parse('relay'), { name: 'TypeError', message: /^additionalSettings: / });
    assert.throws(() => parse(null), { name: 'TypeError', message: /^additionalSettings: / });
  });

  it('iceServers take the place of those of the transport', () => {
    const iceServers = [{ urls: 'stun:192.0.2.1' }];
    assert.deepEqual(parse({}, { iceServers }).iceServers, [{ urls: ['stun:192.0.2.1'] }]);
    assert.deepEqual(parse({ iceServers: [] }, { iceServers }).iceServers, []);
    assert.deepEqual(parse({ iceServers }).iceServers, [{ urls: ['stun:192.0.2.1'] }]);
    assert.throws(() => parse({ iceServers: [{ urls: 'http://a' }] }), wrong('iceServers\\[0\\]'));
  });

  it('iceTransportPolicy takes the place of that of the transport', () => {
    const policy = { iceTransportPolicy: 'relay' };
    assert.equal(parse({}, policy).iceTransportPolicy, 'relay');
    assert.equal(parse({ iceTransportPolicy: 'all' }, policy).iceTransportPolicy, 'all');
    assert.equal(parse(policy).iceTransportPolicy, 'relay');
    assert.throws(() => parse({ iceTransportPolicy: 'public' }), wrong('iceTransportPolicy'));
  });

  it('iceCandidatePoolSize is an octet', () => {
    assert.deepEqual(parse({ iceCandidatePoolSize: 0 }), none);
    assert.deepEqual(parse({ iceCandidatePoolSize: 255 }), { ...none, iceCandidatePoolSize: 255 });
    for (const iceCandidatePoolSize of [-1, 256, 1.5, '1', null]) {
      assert.throws(() => parse({ iceCandidatePoolSize }), wrong('iceCandidatePoolSize'));
    }
  });

  it('bundlePolicy and rtcpMuxPolicy are what happens, whichever they are', () => {
    for (const bundlePolicy of ['balanced', 'max-compat', 'max-bundle']) {
      assert.deepEqual(parse({ bundlePolicy }), none);
    }
    for (const rtcpMuxPolicy of ['require', 'negotiate']) {
      assert.deepEqual(parse({ rtcpMuxPolicy }), none);
    }
    assert.throws(() => parse({ bundlePolicy: 'none' }), wrong('bundlePolicy'));
    assert.throws(() => parse({ rtcpMuxPolicy: 'none' }), wrong('rtcpMuxPolicy'));
  });

  it('certificates are refused, unless there are none', () => {
    assert.deepEqual(parse({ certificates: [] }), none);
    assert.throws(() => parse({ certificates: [{}] }), refusal('certificates'));
    assert.throws(() => parse({ certificates: {} }), wrong('certificates'));
  });
});

describe('what browsers have beside it', () => {
  it('sdpSemantics can be unified-plan', () => {
    assert.deepEqual(parse({ sdpSemantics: 'unified-plan' }), none);
    assert.throws(() => parse({ sdpSemantics: 'plan-b' }), refusal('sdpSemantics'));
    assert.throws(() => parse({ sdpSemantics: 'plan-c' }), wrong('sdpSemantics'));
  });

  it('encodedInsertableStreams are there with and without it', () => {
    for (const encodedInsertableStreams of [true, false]) {
      assert.deepEqual(parse({ encodedInsertableStreams }), none);
    }
    const text = { encodedInsertableStreams: 'yes' };
    assert.throws(() => parse(text), wrong('encodedInsertableStreams'));
  });

  it('what is unknown is refused by name, with what is known', () => {
    for (const name of ['peerIdentity', 'iceserver', 'hasOwnProperty']) {
      assert.throws(() => parse({ [name]: 'x' }), refusal(name));
    }
    assert.throws(() => parse({ iceServer: [] }), /expected one of iceServers, iceTransportPolicy/);
  });
});

describe('our own', () => {
  it('excludedInterfaces are names', () => {
    assert.deepEqual(parse({ excludedInterfaces: [] }), none);
    const excludedInterfaces = ['docker0', 'tun0'];
    assert.deepEqual(parse({ excludedInterfaces }), { ...none, excludedInterfaces });
    assert.throws(() => parse({ excludedInterfaces: 'docker0' }), wrong('excludedInterfaces'));
    assert.throws(() => parse({ excludedInterfaces: [0] }), wrong('excludedInterfaces\\[0\\]'));
    assert.throws(() => parse({ excludedInterfaces: [''] }), wrong('excludedInterfaces\\[0\\]'));
  });

  it('srtpProfiles are names of IANA', () => {
    const srtpProfiles = ['SRTP_AES128_CM_HMAC_SHA1_80', 'SRTP_AEAD_AES_256_GCM'];
    assert.deepEqual(parse({ srtpProfiles }), { ...none, srtpProfiles });
    for (const given of [[], 'SRTP_AEAD_AES_256_GCM', ['SRTP_NULL_HMAC_SHA1_80']]) {
      assert.throws(() => parse({ srtpProfiles: given }), wrong('srtpProfiles'));
    }
  });
});
