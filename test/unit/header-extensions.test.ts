import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HandlerSendOptions, RtpCapabilities } from 'mediasoup-client/types';
import {
  assertKnown,
  extensionsOf,
  forceHeaderExtensions,
  parseForcedRtpExtensions,
} from '../../handler/headerExtensions.js';

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const ABS_SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';

const capabilities: RtpCapabilities = {
  codecs: [],
  headerExtensions: ([MID, ABS_SEND_TIME, ABS_CAPTURE_TIME] as const).map((uri, index) => ({
    kind: 'audio',
    uri,
    preferredId: index + 1,
  })),
};

const urisOf = (forced: Record<string, boolean>): string[] =>
  (forceHeaderExtensions(capabilities, forced).headerExtensions ?? []).map(({ uri }) => uri);

const ask = (headerExtensionOptions: unknown) =>
  extensionsOf({ headerExtensionOptions } as unknown as HandlerSendOptions);

describe('forcedRtpExtensions', () => {
  it('leave the others as they are, and capture times out', () => {
    assert.deepEqual(urisOf({}), [MID, ABS_SEND_TIME]);
    assert.deepEqual(urisOf({ [ABS_SEND_TIME]: true }), [MID, ABS_SEND_TIME]);
  });

  it('add and remove', () => {
    assert.deepEqual(urisOf({ [ABS_SEND_TIME]: false, 'urn:x': false }), [MID]);
    assert.deepEqual(urisOf({ [ABS_CAPTURE_TIME]: true }), [MID, ABS_SEND_TIME, ABS_CAPTURE_TIME]);
  });

  it('name what there is when asked for what there is not', () => {
    assertKnown(capabilities, { [ABS_CAPTURE_TIME]: true, 'urn:x': false });
    assert.throws(() => assertKnown(capabilities, { 'urn:x': true }), {
      name: 'UnsupportedError',
      message: /^forcedRtpExtensions: "urn:x" is not supported: expected one of urn:ietf/,
    });
  });

  it('are an object of booleans that keeps what is mandatory', () => {
    assert.deepEqual(parseForcedRtpExtensions(undefined), {});
    assert.deepEqual(parseForcedRtpExtensions({ [MID]: true }), { [MID]: true });
    for (const given of [null, 'mid', { 'urn:x': 'sendrecv' }, { [MID]: false }]) {
      assert.throws(() => parseForcedRtpExtensions(given), {
        name: 'TypeError',
        message: /^forcedRtpExtensions/,
      });
    }
  });
});

describe('headerExtensionOptions', () => {
  it('ask for capture times', () => {
    assert.deepEqual(ask(undefined), {});
    assert.deepEqual(ask({ absCaptureTime: false }), {});
    assert.deepEqual(ask({ absCaptureTime: true }), { [ABS_CAPTURE_TIME]: true });
  });

  it('are refused by name where they are wrong', () => {
    assert.throws(() => ask(1), { name: 'TypeError', message: /^headerExtensionOptions: / });
    assert.throws(() => ask({ absCaptureTime: 1 }), {
      name: 'TypeError',
      message: /^headerExtensionOptions\.absCaptureTime: /,
    });
    assert.throws(() => ask({ other: true }), {
      name: 'UnsupportedError',
      message: /^headerExtensionOptions\.other /,
    });
  });
});
