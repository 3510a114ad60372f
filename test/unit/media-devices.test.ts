import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fromDisplayMedia, fromUserMedia } from '../../lib/deviceConstraints.js';
import { MediaDeviceInfo, mediaDevices } from '../../lib/index.js';

const limit = { timeout: 20_000 };

function named(name: string, ...words: string[]): (error: Error) => boolean {
  return (error) => {
    assert.equal(error.name, name);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}

describe('constraints of getUserMedia()', () => {
  it("are W3C's, made those of a device", () => {
    const cases: [object, object][] = [
      [{ audio: {} }, { audio: { source: 'device', options: {} } }],
      [
        { audio: { deviceId: 'pulse:mic', sampleRate: 44_100, channelCount: { exact: 2 } } },
        {
          audio: {
            source: 'device',
            device: 'pulse:mic',
            options: { sample_rate: 44_100, channels: 2 },
          },
        },
      ],
      [
        { audio: { echoCancellation: false, noiseSuppression: { exact: false } } },
        { audio: { source: 'device', options: {} } },
      ],
      [
        { video: { deviceId: { exact: '/dev/video2' }, width: { ideal: 1280 }, height: 720 } },
        {
          video: {
            source: 'device',
            device: '/dev/video2',
            options: { framerate: '30', video_size: '1280x720' },
          },
        },
      ],
      [
        { video: { width: { min: 320, ideal: 100, max: 800 }, frameRate: { max: 15 } } },
        { video: { source: 'device', options: { framerate: '15', video_size: '320x240' } } },
      ],
    ];
    for (const [given, wanted] of cases) assert.deepEqual(fromUserMedia(given), wanted);
  });

  it('may be those of a Worker', () => {
    for (const constraints of [
      undefined,
      { audio: true, video: false },
      { video: { source: 'file', file: 'a.mp4', loop: true } },
    ]) {
      assert.deepEqual(fromUserMedia(constraints), constraints);
    }
  });

  it('are refused by name where nothing can meet them', () => {
    const cases: [object, string, ...string[]][] = [
      [{ audio: { echoCancellation: true } }, 'UnsupportedError', 'audio.echoCancellation'],
      [{ audio: { width: 640 } }, 'UnsupportedError', 'audio.width'],
      [{ video: { facingMode: 'user' } }, 'UnsupportedError', 'video.facingMode'],
      [{ video: { width: { about: 640 } } }, 'UnsupportedError', 'video.width.about'],
      [{ video: { width: '640' } }, 'TypeError', 'video.width', '"640"'],
      [{ video: { frameRate: 0 } }, 'TypeError', 'video.frameRate', '0'],
      [{ video: { deviceId: { exact: ['a', 'b'] } } }, 'TypeError', 'video.deviceId'],
      [{ video: { width: { min: 800, max: 640 } } }, 'OverconstrainedError', 'video.width'],
      [{ video: { height: { exact: 480, max: 240 } } }, 'OverconstrainedError', 'video.height'],
    ];
    for (const [constraints, name, ...words] of cases) {
      assert.throws(() => fromUserMedia(constraints), named(name, ...words));
    }
    assert.throws(() => fromUserMedia({ video: { width: { min: 2, max: 1 } } }), {
      constraint: 'width',
      code: 'ERR_OVERCONSTRAINED',
    });
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
    const wrong = mediaDevices.getUserMedia({ video: { width: -1 } });
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
