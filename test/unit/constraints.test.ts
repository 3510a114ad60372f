import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parseStreamConstraints, parseTrackData } from '../../lib/constraints.js';

const clip = resolve('clips', 'clip 1.mp4');

function fails(name: string, code: string, ...words: string[]): (error: Error) => boolean {
  return (error) => {
    assert.equal(error.name, name);
    assert.equal((error as Error & { code: string }).code, code);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}

const argument = (...words: string[]): ReturnType<typeof fails> =>
  fails('TypeError', 'ERR_INVALID_ARGUMENT', ...words);
const unsupported = (...words: string[]): ReturnType<typeof fails> =>
  fails('UnsupportedError', 'ERR_UNSUPPORTED', ...words);

describe('parseStreamConstraints()', () => {
  it('takes a path, made absolute', () => {
    assert.deepEqual(
      parseStreamConstraints({ audio: { source: 'file', file: 'clips/clip 1.mp4' } }),
      {
        audio: { type: 'file', value: clip, loop: false },
      },
    );
  });

  it('takes a file: URL', () => {
    const file = pathToFileURL(clip).href;
    assert.equal(parseStreamConstraints({ video: { source: 'file', file } }).video?.value, clip);
  });

  it('takes every option of a file, with seconds made milliseconds and values made text', () => {
    const video = {
      source: 'file',
      file: clip,
      format: 'mp4',
      options: { probesize: 5000, fflags: 'nobuffer', seekable: true },
      timeout: 2.5,
      loop: true,
      decode: true,
    };
    assert.deepEqual(parseStreamConstraints({ video }).video, {
      type: 'file',
      value: clip,
      format: 'mp4',
      options: { probesize: '5000', fflags: 'nobuffer', seekable: 'true' },
      timeout: 2500,
      loop: true,
      decode: true,
    });
  });

  it('wants audio or video', () => {
    for (const constraints of [undefined, {}, { audio: false, video: false }]) {
      assert.throws(() => parseStreamConstraints(constraints), argument('audio', 'video'));
    }
  });

  it('names the member, what was expected and what was given', () => {
    const file = (members: object): object => ({
      audio: { source: 'file', file: clip, ...members },
    });
    const cases: [unknown, ...string[]][] = [
      [7, 'constraints', 'an object', '7'],
      [{ audio: 'file' }, 'audio', '"file"'],
      [{ audio: [] }, 'audio', 'an array of 0'],
      [{ audio: {} }, 'audio.source', '"device", "file" or "url"', 'undefined'],
      [{ video: { source: 'disk' } }, 'video.source', '"disk"'],
      [{ video: { source: 'file' } }, 'video.file', 'undefined'],
      [{ video: { source: 'file', file: '' } }, 'video.file', '""'],
      [{ video: { source: 'file', file: 5 } }, 'video.file', 'a string', '5'],
      [file({ file: 'file://elsewhere/clip.mp4' }), 'audio.file', 'elsewhere'],
      [file({ file: 'a\0b' }), 'audio.file', 'null character'],
      [file({ format: 1 }), 'audio.format', 'a string', '1'],
      [file({ options: 'x' }), 'audio.options', 'an object', '"x"'],
      [file({ options: { rate: {} } }), 'audio.options.rate', 'an object (Object)'],
      [file({ timeout: '1' }), 'audio.timeout', 'a number', '"1"'],
      [file({ timeout: 0 }), 'audio.timeout', 'above 0', '0'],
      [file({ timeout: Number.NaN }), 'audio.timeout', 'NaN'],
      [file({ timeout: Infinity }), 'audio.timeout', 'Infinity'],
      [file({ loop: 'yes' }), 'audio.loop', 'a boolean', '"yes"'],
      [file({ decode: 1 }), 'audio.decode', 'a boolean', '1'],
    ];
    for (const [constraints, ...words] of cases) {
      assert.throws(() => parseStreamConstraints(constraints), argument(...words));
    }
  });

  it('refuses by name what this version does not have', () => {
    const cases: [unknown, ...string[]][] = [
      [{ audio: true }, 'audio.source', '"device"'],
      [{ video: { source: 'url', url: 'http://127.0.0.1/a' } }, 'video.source', '"url"'],
      [{ video: { source: 'file', file: clip, facingMode: 'user' } }, 'video.facingMode'],
      [{ video: { source: 'file', file: clip }, peerIdentity: 'x' }, 'constraints.peerIdentity'],
    ];
    for (const [constraints, ...words] of cases) {
      assert.throws(() => parseStreamConstraints(constraints), unsupported(...words));
    }
  });
});

describe('parseTrackData()', () => {
  it("takes the seed's names, and leaves the app's own data alone", () => {
    const data = { sourceType: 'file', sourceValue: clip, loop: true, seat: 12 };
    assert.deepEqual(parseTrackData(data), { type: 'file', value: clip, loop: true });
  });

  it('names the member that is wrong or unsupported', () => {
    assert.throws(() => parseTrackData({ sourceType: 'tape' }), argument('track.data.sourceType'));
    assert.throws(() => parseTrackData({ sourceType: 'file' }), argument('track.data.sourceValue'));
    assert.throws(
      () => parseTrackData({ sourceType: 'file', sourceValue: clip, timeout: -1 }),
      argument('track.data.timeout', '-1'),
    );
    for (const sourceType of ['device', 'url']) {
      const data = { sourceType, sourceValue: 'x' };
      assert.throws(() => parseTrackData(data), unsupported('track.data.sourceType', sourceType));
    }
  });
});
