import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import debug from 'debug';
import { parseStreamConstraints } from '../../lib/constraints.js';
import { fromDisplayMedia, parseUserMedia } from '../../lib/deviceConstraints.js';
import { OverconstrainedError, errorFromWire } from '../../lib/errors.js';
import { MediaDeviceInfo, mediaDevices } from '../../lib/index.js';

const limit = { timeout: 20_000 };

function named(name: string, ...words: string[]): (error: Error) => boolean {
  return (error) => {
    assert.equal(error.name, name);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}

const video = (constraints: object) => parseUserMedia({ video: constraints }).video?.constraints;
const audio = (constraints: object) => parseUserMedia({ audio: constraints }).audio?.constraints;

describe('constraints of getUserMedia()', () => {
  it("are W3C's: bare values are ideal, exact, min and max required", () => {
    assert.deepEqual(audio({ sampleRate: 44_100, channelCount: { exact: 2 }, deviceId: 'a' }), [
      { name: 'deviceId', idealIds: ['a'] },
      { name: 'sampleRate', ideal: 44_100 },
      { name: 'channelCount', exact: 2 },
    ]);
    assert.deepEqual(
      video({
        deviceId: { exact: ['a', 'b'], ideal: 'b' },
        groupId: { exact: 'g' },
        width: { min: 320, ideal: 100, max: 800 },
        height: { ideal: 0 },
        aspectRatio: 1.5,
        frameRate: { max: 29.97 },
      }),
      [
        { name: 'deviceId', exactIds: ['a', 'b'], idealIds: ['b'] },
        { name: 'groupId', exactIds: ['g'] },
        { name: 'width', min: 320, ideal: 100, max: 800 },
        { name: 'height', ideal: 0 },
        { name: 'aspectRatio', ideal: 1.5 },
        { name: 'frameRate', max: 29.97 },
      ],
    );
    for (const nothing of [{}, { deviceId: undefined }, { deviceId: { exact: undefined } }]) {
      assert.deepEqual(parseUserMedia({ audio: nothing }), parseUserMedia({ audio: true }));
      assert.deepEqual(parseUserMedia({ video: nothing }), parseUserMedia({ video: true }));
    }
  });

  it('may be those of a Worker', () => {
    const file = { source: 'file', file: '/a.mp4', loop: true };
    assert.deepEqual(parseUserMedia({ video: file, audio: { latency: 1, sampleRate: 8000 } }), {
      audio: {
        ...parseStreamConstraints({ audio: true }).audio,
        constraints: [{ name: 'sampleRate', ideal: 8000 }],
      },
      video: parseStreamConstraints({ video: file }).video,
    });
    assert.throws(
      () => parseUserMedia({ video: { file: '/a.mp4' } }),
      named('TypeError', 'source'),
    );
  });

  it('are met where what they require is what there always is', () => {
    const cases: [typeof audio, object][] = [
      [
        audio,
        { echoCancellation: true, noiseSuppression: { ideal: true }, autoGainControl: false },
      ],
      [
        audio,
        { echoCancellation: { exact: false }, autoGainControl: { exact: false, ideal: true } },
      ],
      [audio, { latency: { max: 0.1 }, sampleSize: { exact: 16 } }],
      [audio, { latency: 0, sampleSize: { min: 8, ideal: 24, max: 16 } }],
      [audio, { echoCancellation: 'remote-only' }],
      [video, { facingMode: 'user', resizeMode: 'crop-and-scale' }],
      [
        video,
        { facingMode: { ideal: ['user', 'left'] }, resizeMode: { exact: ['none', 'other'] } },
      ],
    ];
    for (const [parse, given] of cases) assert.equal(parse(given), undefined);
  });

  it('are refused by their name where nothing can meet them', () => {
    const cases: [typeof audio, object, string][] = [
      [audio, { sampleRate: 48_000, echoCancellation: { exact: true } }, 'echoCancellation'],
      [audio, { echoCancellation: { exact: 'all' } }, 'echoCancellation'],
      [audio, { noiseSuppression: { exact: true } }, 'noiseSuppression'],
      [audio, { autoGainControl: { exact: true, ideal: false } }, 'autoGainControl'],
      [audio, { latency: { max: 0.01 } }, 'latency'],
      [audio, { sampleSize: { min: 17 } }, 'sampleSize'],
      [audio, { sampleSize: { exact: 24 } }, 'sampleSize'],
      [audio, { channelCount: { exact: 2, max: 1 } }, 'channelCount'],
      [video, { facingMode: { exact: 'environment' } }, 'facingMode'],
      [video, { resizeMode: { exact: 'crop-and-scale' } }, 'resizeMode'],
      [video, { width: { min: 800, max: 640 } }, 'width'],
      [video, { height: { exact: 480, max: 240 } }, 'height'],
      [video, { deviceId: { exact: [] } }, 'deviceId'],
    ];
    for (const [parse, given, constraint] of cases) {
      assert.throws(() => parse(given), {
        name: 'OverconstrainedError',
        code: 'ERR_OVERCONSTRAINED',
        constraint,
      });
    }
  });

  it('are refused by name where they are of another type', () => {
    const cases: [object, ...string[]][] = [
      [{ video: { width: '640' } }, 'video.width', '"640"'],
      [{ video: { frameRate: { max: NaN } } }, 'video.frameRate', 'NaN'],
      [{ video: { height: { exact: Infinity } } }, 'video.height', 'Infinity'],
      [{ video: { width: [640] } }, 'video.width', 'array'],
      [{ video: { deviceId: { exact: ['a', 7] } } }, 'video.deviceId', '7'],
      [{ video: { deviceId: [undefined] } }, 'video.deviceId', 'undefined'],
      [{ audio: { noiseSuppression: { exact: 'no' } } }, 'audio.noiseSuppression', '"no"'],
    ];
    for (const [given, ...words] of cases) {
      assert.throws(() => parseUserMedia(given), named('TypeError', ...words));
    }
  });

  it('are ignored where they are unknown, and named by a warning', (t) => {
    debug.enable('mediasoup-client-aiortc:WARN*');
    const lines: string[] = [];
    t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
    t.after(() => {
      debug.disable();
    });
    assert.deepEqual(
      video({ width: { about: 7, exact: 640 }, zoom: { exact: 2 }, advanced: [{ width: 1 }] }),
      [{ name: 'width', exact: 640 }],
    );
    assert.deepEqual(audio({ width: { exact: 640 } }), undefined);
    const text = lines.join('');
    for (const word of ['video.width.about', 'video.zoom', 'video.advanced', 'audio.width']) {
      assert.ok(text.includes(`${word} is ignored`), text);
    }
  });
});

describe('an OverconstrainedError of the core', () => {
  it('has the constraint', () => {
    const reply = {
      name: 'OverconstrainedError',
      code: 'ERR_OVERCONSTRAINED',
      message: 'm',
      cause: 'c',
    };
    for (const constraint of ['width', '']) {
      const error = errorFromWire(constraint === '' ? reply : { ...reply, constraint });
      assert.ok(error instanceof OverconstrainedError);
      assert.deepEqual(
        [error.constraint, error.message, error.code],
        [constraint, 'm', reply.code],
      );
      assert.equal((error.cause as Error).message, 'c');
    }
  });
});

describe('constraints of getDisplayMedia()', () => {
  it('name an X11 screen', () => {
    const screen = { source: 'device', format: 'x11grab' };
    const options = { framerate: '30' };
    assert.deepEqual(fromDisplayMedia(undefined), { video: { ...screen, options } });
    assert.deepEqual(fromDisplayMedia({ video: true, audio: false }), {
      video: { ...screen, options },
    });
    assert.deepEqual(
      fromDisplayMedia({
        video: { display: ':9.0+10,20', width: 640, height: { exact: 360 }, frameRate: 5 },
      }),
      {
        video: {
          ...screen,
          device: ':9.0+10,20',
          options: { framerate: '5', video_size: '640x360' },
        },
      },
    );
  });

  it('are refused by name', () => {
    const cases: [unknown, string, ...string[]][] = [
      [7, 'TypeError', 'constraints'],
      [{ audio: true }, 'UnsupportedError', 'audio'],
      [{ video: false }, 'TypeError', 'video'],
      [{ video: { width: 640 } }, 'TypeError', 'width and height'],
      [{ video: { display: 7 } }, 'TypeError', 'video.display'],
      [{ video: { cursor: 'never' } }, 'UnsupportedError', 'video.cursor'],
      [{ preferCurrentTab: true }, 'UnsupportedError', 'preferCurrentTab'],
    ];
    for (const [constraints, name, ...words] of cases) {
      assert.throws(() => fromDisplayMedia(constraints), named(name, ...words));
    }
  });
});

describe('mediaDevices', limit, () => {
  it('lists what there is, which may be nothing', async () => {
    for (const device of await mediaDevices.enumerateDevices()) {
      assert.ok(device instanceof MediaDeviceInfo);
      assert.match(device.kind, /^(audio|video)input$/);
      assert.notEqual(device.deviceId, '');
    }
  });

  it('rejects, and never throws', async () => {
    const wrong = mediaDevices.getUserMedia({
      video: { width: NaN },
    });
    await assert.rejects(wrong, named('TypeError', 'video.width'));
    await assert.rejects(mediaDevices.getUserMedia(), named('TypeError', 'audio', 'video'));
    const sound = mediaDevices.getDisplayMedia({ audio: true });
    await assert.rejects(sound, named('UnsupportedError', 'audio'));
  });

  it('has an attribute for its event', () => {
    assert.equal(mediaDevices.ondevicechange, null);
    let heard = 0;
    mediaDevices.ondevicechange = () => {
      heard += 1;
    };
    mediaDevices.dispatchEvent(new Event('devicechange'));
    mediaDevices.ondevicechange = null;
    mediaDevices.dispatchEvent(new Event('devicechange'));
    assert.equal(heard, 1);
  });

  it('lets a process end that listens', () => {
    const program = `
      const { mediaDevices } = await import('./lib/index.ts');
      mediaDevices.addEventListener('devicechange', () => {});
      await mediaDevices.enumerateDevices();
      console.log('listening');
    `;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { encoding: 'utf8', timeout: 15_000 },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /listening/);
  });
});
