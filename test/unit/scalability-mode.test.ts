import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkScalabilityMode, parseScalabilityMode } from '../../lib/scalabilityMode.js';

const name = 'encodings[0].scalabilityMode';

describe('scalabilityMode', () => {
  it('takes those that an encoder has, and S1T3 for L1T3', () => {
    for (const mode of ['L1T1', 'L1T3', 'L2T1', 'L3T3', 'L2T2_KEY', 'L3T3_KEY']) {
      assert.equal(parseScalabilityMode(name, mode), mode);
    }
    assert.equal(parseScalabilityMode(name, 'S1T3'), 'L1T3');
  });

  it('refuses others by name, and says what there is', () => {
    for (const mode of [
      'L4T1',
      'L1T4',
      'l1t1',
      '',
      'L2T2h',
      'L1T2_KEY',
      'L3T3_KEY_SHIFT',
      3,
      null,
    ]) {
      assert.throws(() => parseScalabilityMode(name, mode), {
        name: 'UnsupportedError',
        message: /^encodings\[0\]\.scalabilityMode: .* is not supported \(L1T1, L1T2, .*L3T3_KEY/,
      });
    }
    for (const mode of ['S2T1', 'S3T3', 'S3T3h']) {
      assert.throws(() => parseScalabilityMode(name, mode), {
        name: 'UnsupportedError',
        message: /use simulcast \(an encoding for each\)/,
      });
    }
  });

  it('is checked against the codec, once that is known', () => {
    checkScalabilityMode(name, undefined, 'video/H264');
    checkScalabilityMode(name, 'L3T3', undefined);
    checkScalabilityMode(name, 'L1T1', 'video/H265');
    checkScalabilityMode(name, 'L3T3_KEY', 'video/VP9');
    checkScalabilityMode(name, 'L1T3', 'video/vp8');
    checkScalabilityMode(name, 'L1T2', 'video/H264');
    assert.throws(() => {
      checkScalabilityMode(name, 'L2T1', 'video/VP8');
    }, /encodings\[0\]\.scalabilityMode: L2T1 of video\/VP8 is not supported \(L1T1, L1T2, L1T3 can be had\)/);
    assert.throws(() => {
      checkScalabilityMode(name, 'L3T3_KEY', 'video/H264');
    }, /L3T3_KEY of video\/H264 is not supported \(L1T1, L1T2, L1T3 can be had\)/);
    assert.throws(() => {
      checkScalabilityMode(name, 'L1T2', 'video/H265');
    }, /L1T2 of video\/H265 is not supported \(L1T1 can be had\)/);
  });
});
