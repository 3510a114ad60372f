import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { isShareable, parseStreamConstraints, parseTrackData } from '../../lib/constraints.js';

const onLinux = process.platform === 'linux';
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

const valueOf = (video: object): string | undefined =>
  parseStreamConstraints({ video }).video?.value;

describe('parseStreamConstraints()', () => {
  it('takes a path, made absolute', () => {
    assert.deepEqual(
      parseStreamConstraints({ audio: { source: 'file', file: 'clips/clip 1.mp4' } }),
      {
        audio: { type: 'file', value: clip, loop: false },
      },
    );
  });

  it('takes a file: URL, which the core finds the file of', () => {
    const absolute = ['file:/a b#c?d%.mp4', 'FILE:///a%20b.mp4', 'file://host/a', 'file:/a/../b'];
    for (const file of [pathToFileURL(clip).href, ...absolute]) {
      assert.equal(valueOf({ source: 'file', file }), file.replace(/^FILE/, 'file'));
    }
    assert.equal(
      valueOf({ source: 'file', file: 'file:a%20b.mp3' }),
      `file:${resolve('a%20b.mp3')}`,
    );
    assert.equal(valueOf({ source: 'file', file: 'file:../a.mp3' }), `file:${resolve('../a.mp3')}`);
  });

  it('leaves the URL of a network in file as it is, for the core to judge', () => {
    for (const file of ['rtsp://ann:b@host/c', 'HTTP://host/?d', 'udp://@239.0.0.1:1', 'ftp://x']) {
      assert.equal(valueOf({ source: 'file', file }), file);
      assert.equal(parseTrackData('video', { sourceType: 'file', sourceValue: file }).value, file);
    }
    for (const file of ['./rtsp://host', '/rtsp://host', 'a:b.mp3', 'a/b://c']) {
      assert.equal(valueOf({ source: 'file', file }), resolve(file));
    }
  });

  it('shows nothing of what may be a password or a token', () => {
    const secret = 's3cret';
    const wrong = [
      { source: 'url', url: `//ann:${secret}@host/a` },
      { source: 'url', url: `ann:${secret}@host`.replace(':', ' ') },
      { source: 'url', url: `/clip.mp4?token=${secret}` },
      { source: 'url', url: `rtsp://ann:${secret}@host:port` },
      { source: 'file', file: `rtsp://ann:${secret}@host/\0` },
      { source: 'file', file: `http://host/\0?token=${secret}` },
    ];
    for (const video of wrong) {
      assert.throws(
        () => parseStreamConstraints({ video }),
        (error: Error) => {
          assert.equal(error.name, 'TypeError');
          return !error.message.includes(secret);
        },
      );
    }
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

  it("takes WebCodecs' words for what encodes", () => {
    for (const hardwareAcceleration of ['no-preference', 'prefer-software', undefined]) {
      const video = { source: 'file', file: clip, hardwareAcceleration };
      assert.deepEqual(parseStreamConstraints({ video }).video, {
        ...{ type: 'file', value: clip, loop: false },
      });
    }
    const video = { source: 'file', file: clip, hardwareAcceleration: 'prefer-hardware' };
    assert.deepEqual(parseStreamConstraints({ video }).video, {
      ...{ type: 'file', value: clip, loop: false, hardware: true },
    });
  });

  it('takes a URL as it is, for the core to judge', () => {
    const url = 'rtsp://user:secret@camera/live?stream=1';
    const options = { rtsp_transport: 'tcp' };
    assert.deepEqual(
      parseStreamConstraints({ video: { source: 'url', url, options, decode: false } }).video,
      { type: 'url', value: url, options, loop: false, decode: false },
    );
  });

  it('puts in the default devices, with the options of a camera', { skip: !onLinux }, () => {
    const camera = { framerate: '30', video_size: '640x480' };
    const both = parseStreamConstraints({ audio: true, video: true });
    assert.deepEqual(both, {
      audio: { type: 'device', value: '', loop: false },
      video: { type: 'device', value: '', loop: false, options: camera },
    });
    const given = { source: 'device', device: '/dev/video2', format: 'v4l2' };
    const video2 = { type: 'device', value: '/dev/video2', format: 'v4l2', loop: false };
    assert.deepEqual(parseStreamConstraints({ video: given }).video, {
      ...video2,
      options: camera,
    });
    // What the replaced package calls v4l2.
    assert.deepEqual(
      parseStreamConstraints({ video: { ...given, format: 'v4f2', options: {} } }).video,
      { ...video2, options: {} },
    );
    for (const format of ['lavfi', 'x11grab']) {
      const { video } = parseStreamConstraints({ video: { ...given, format } });
      assert.equal(video?.options, undefined);
    }
  });

  it('never makes one source of a microphone and a camera', () => {
    const { audio, video } = parseStreamConstraints({
      audio: { source: 'device', device: 'x', options: {} },
      video: { source: 'device', device: 'x', options: {} },
    });
    assert.ok(audio && video);
    assert.equal(isShareable(audio), false);
    const graph = { source: 'device', format: 'lavfi', device: 'sine[out0];testsrc2[out1]' };
    for (const source of [graph, { source: 'file', file: clip }]) {
      const request = parseStreamConstraints({ audio: source, video: source });
      assert.ok(request.audio);
      assert.deepEqual(request.audio, request.video);
      assert.equal(isShareable(request.audio), true);
    }
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
      [{ video: { source: 'url' } }, 'video.url', 'an absolute URL', 'undefined'],
      [{ video: { source: 'url', url: 'clip.mp4' } }, 'video.url', '"clip.mp4"', "'file'"],
      [{ video: { source: 'url', url: '/a/clip.mp4' } }, '"/a/clip.mp4"', "'file'"],
      [{ video: { source: 'device', device: 5 } }, 'video.device', 'a string', '5'],
      [{ video: { source: 'device', device: 'a\0b' } }, 'video.device', 'null character'],
      [file({ file: 'a\0b' }), 'audio.file', 'null character'],
      [file({ format: 1 }), 'audio.format', 'a string', '1'],
      [file({ options: 'x' }), 'audio.options', 'an object', '"x"'],
      [file({ options: { rate: {} } }), 'audio.options.rate', 'type object'],
      [file({ options: { passphrase: 5318008n } }), 'audio.options.passphrase', 'type bigint'],
      [file({ timeout: '1' }), 'audio.timeout', 'a number', '"1"'],
      [file({ timeout: 0 }), 'audio.timeout', 'above 0', '0'],
      [file({ timeout: Number.NaN }), 'audio.timeout', 'NaN'],
      [file({ timeout: Infinity }), 'audio.timeout', 'Infinity'],
      [file({ loop: 'yes' }), 'audio.loop', 'a boolean', '"yes"'],
      [file({ decode: 1 }), 'audio.decode', 'a boolean', '1'],
      [
        file({ hardwareAcceleration: true }),
        'audio.hardwareAcceleration',
        '"no-preference", "prefer-hardware", "prefer-software"',
        'true',
      ],
      [file({ hardwareAcceleration: 'nvenc' }), 'audio.hardwareAcceleration', '"nvenc"'],
    ];
    for (const [constraints, ...words] of cases) {
      assert.throws(() => parseStreamConstraints(constraints), argument(...words));
    }
  });

  it('refuses by name what this version does not have', () => {
    const cases: [unknown, ...string[]][] = [
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
    assert.deepEqual(parseTrackData('video', data), { type: 'file', value: clip, loop: true });
  });

  it('takes a device of its kind, which need not be named', { skip: !onLinux }, () => {
    const device = { type: 'device', value: '', loop: false };
    assert.deepEqual(parseTrackData('audio', { sourceType: 'device' }), device);
    assert.deepEqual(parseTrackData('video', { sourceType: 'device' }), {
      ...device,
      options: { framerate: '30', video_size: '640x480' },
    });
    assert.deepEqual(
      parseTrackData('audio', { sourceType: 'device', sourceValue: 'hw:0', format: 'alsa' }),
      { ...device, value: 'hw:0', format: 'alsa' },
    );
  });

  it('names the member that is wrong or unsupported', () => {
    assert.throws(
      () => parseTrackData('video', { sourceType: 'tape' }),
      argument('track.data.sourceType'),
    );
    assert.throws(
      () => parseTrackData('video', { sourceType: 'file' }),
      argument('track.data.sourceValue'),
    );
    assert.throws(
      () => parseTrackData('video', { sourceType: 'file', sourceValue: clip, timeout: -1 }),
      argument('track.data.timeout', '-1'),
    );
  });
});
