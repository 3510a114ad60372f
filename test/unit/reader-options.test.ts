import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReadOptions } from '../../lib/readerOptions.js';
import type { TrackReadOptions } from '../../lib/readerOptions.js';
import { loggedLines } from '../e2e/support/logged-lines.js';

const audio = (member: object) => parseReadOptions({ audio: member }, 'audio');
const video = (member: object) => parseReadOptions({ video: member }, 'video');

describe('how a track is read', () => {
  for (const [name, parse, least, most] of [
    [
      'maxBufferSize',
      (value: number) => parseReadOptions({ maxBufferSize: value }, 'video'),
      1,
      1000,
    ],
    ['video.width', (width: number) => video({ width }), 1, 8192],
    ['video.height', (height: number) => video({ height }), 1, 8192],
    ['audio.sampleRate', (sampleRate: number) => audio({ sampleRate }), 3000, 192_000],
    ['audio.numberOfChannels', (numberOfChannels: number) => audio({ numberOfChannels }), 1, 8],
    // Microseconds: 20 is what somebody means who takes them for milliseconds.
    ['audio.frameDuration', (frameDuration: number) => audio({ frameDuration }), 1000, 1_000_000],
  ] as const) {
    it(`${name} is of ${least} to ${most}`, () => {
      for (const value of [least, most]) assert.ok(Object.values(parse(value)).includes(value));
      for (const value of [least - 1, most + 1, -least, Number.NaN, Infinity]) {
        assert.throws(
          () => parse(value),
          (error: Error) =>
            error instanceof TypeError &&
            error.message.startsWith(`${name}: expected`) &&
            error.message.includes(`${least} to ${most}`),
          String(value),
        );
      }
    });
  }

  it('what nothing reads is named by a warning', (t) => {
    const lines = loggedLines(t, 'mediasoup-client-aiortc:WARN*');
    const given = { audio: { channelCount: 1 }, maxFrames: 3 } as TrackReadOptions;
    assert.deepEqual(parseReadOptions(given, 'audio'), {});
    parseReadOptions({ audio: { sampleRate: 16_000 }, video: { format: 'RGBA' } }, 'video');
    assert.equal(lines.length, 2, lines.join(''));
    assert.match(lines[0] ?? '', /options\.maxFrames is ignored/);
    assert.match(lines[1] ?? '', /audio\.channelCount is ignored: expected sampleRate, numberOf/);
  });
});
