import assert from 'node:assert/strict';
import { execFile as execFileWithCallback } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import {
  MediaDeviceInfo,
  OverconstrainedError,
  createWorker,
  mediaDevices,
} from 'mediasoup-client-pion';
import { domEvent, event, join, openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { decodePictures, decodeSound } from '../e2e/support/decode.mjs';
import { colourDistance, meanColour } from '../e2e/support/picture.mjs';
import { toneShare } from '../e2e/support/tone.mjs';
import { folder, setEnvironment, succeeds } from './support/program.js';
import { monitor, startPulse } from './support/pulse.js';
import { startScreen } from './support/screen.js';

const execFile = promisify(execFileWithCallback);
const limit = { timeout: 90_000 };

async function sender(room: Room) {
  return await (await join(room)).createSendTransport();
}

function deviceTrack(kind: 'audio' | 'video', data: object): FakeMediaStreamTrack {
  return new FakeMediaStreamTrack({ kind, data: { sourceType: 'device', ...data } });
}

/** On a busy machine a server of sound leaves gaps: short pieces do not suffer all of them. */
async function assertTone(room: Room, producer: { id: string }, hertz: number): Promise<void> {
  const { sampleRate, samples } = await decodeSound(room, producer, { timeoutMs: 30_000 });
  const length = sampleRate / 20;
  const shares: number[] = [];
  for (let at = 0; at + length <= samples.length; at += length) {
    shares.push(toneShare({ sampleRate, samples: samples.subarray(at, at + length) }, hertz));
  }
  const pure = shares.filter((share) => share > 0.8).length;
  assert.ok(pure >= shares.length / 2, `shares of the tone of ${hertz} Hz: ${shares.join(' ')}`);
}

async function openWorker(t: TestContext) {
  const worker = await createWorker();
  t.after(() => worker.close());
  return worker;
}

test('a filter graph gives pictures and sound, without a file', limit, async (t) => {
  const room = await openRoom(t);
  const transport = await sender(room);
  const graph = { format: 'lavfi', sourceValue: 'color=0x00ff00:s=320x240:r=30' };
  const video = await transport.produce({ track: deviceTrack('video', graph) });
  const audio = await transport.produce({
    track: deviceTrack('audio', { format: 'lavfi', sourceValue: 'sine=660:r=48000' }),
  });
  for (const picture of await decodePictures(room, video, { timeoutMs: 30_000 })) {
    assert.ok(colourDistance(meanColour(picture), { red: 0, green: 255, blue: 0 }) < 24);
  }
  await assertTone(room, audio, 660);
});

test('a microphone is listed, opened by its id, cloned, shared, and heard', limit, async (t) => {
  await startPulse(t);
  const devices = await mediaDevices.enumerateDevices();
  const microphone = devices.find(({ kind }) => kind === 'audioinput');
  assert.equal(microphone?.deviceId, `pulse:${monitor}`);
  assert.deepEqual(JSON.parse(JSON.stringify(microphone)), microphone.toJSON());
  assert.ok(microphone instanceof MediaDeviceInfo);
  assert.ok(microphone.label.length > 0);

  const room = await openRoom(t);
  const stream = await mediaDevices.getUserMedia({
    audio: { deviceId: { exact: microphone.deviceId }, echoCancellation: false },
  });
  const [track] = stream.getAudioTracks();
  assert.ok(track);
  const clone = track.clone();
  // A handler of a factory sends what needed no Worker.
  const producer = await (await sender(room)).produce({ track });
  await assertTone(room, producer, 440);
  producer.close();
  assert.equal(track.readyState, 'ended');
  assert.equal(clone.readyState, 'live');
  const again = await (await sender(room)).produce({ track: clone });
  await assertTone(room, again, 440);
  again.close();

  const worker = await openWorker(t);
  const one = await worker.getUserMedia({ audio: true });
  const two = await worker.getUserMedia({ audio: { source: 'device' } });
  assert.equal((await worker.dump()).players.length, 1, 'two users of one device share it');
  one.close();
  two.close();
  await until('no source', async () => (await worker.dump()).players.length === 0);
});

test(
  'a microphone is opened as the constraints ask, or refused by one of them',
  limit,
  async (t) => {
    await startPulse(t);
    const room = await openRoom(t);
    // What is wished for and is not there gives way; what PulseAudio has to do is seen there.
    const cases = [
      [
        { deviceId: 'pulse:nothing', sampleRate: { exact: 44_100 }, channelCount: 1 },
        '1ch 44100Hz',
      ],
      [
        { sampleRate: { max: 16_000 }, channelCount: { min: 2 }, echoCancellation: true },
        '2ch 16000Hz',
      ],
    ] as const;
    for (const [audio, shown] of cases) {
      const stream = await mediaDevices.getUserMedia({ audio });
      const [track] = stream.getAudioTracks();
      assert.ok(track);
      const producer = await (await sender(room)).produce({ track });
      await assertTone(room, producer, 440);
      const { stdout } = await execFile('pactl', ['list', 'short', 'source-outputs']);
      assert.ok(stdout.includes(shown), stdout);
      producer.close();
    }
    for (const [audio, constraint] of [
      [{ deviceId: { exact: 'pulse:nothing' } }, 'deviceId'],
      [{ deviceId: { exact: `pulse:${monitor}` }, sampleRate: { min: 500_000 } }, 'sampleRate'],
    ] as const) {
      await assert.rejects(mediaDevices.getUserMedia({ audio }), (error: Error) => {
        assert.ok(error instanceof OverconstrainedError, String(error));
        assert.deepEqual([error.name, error.constraint], ['OverconstrainedError', constraint]);
        assert.ok(error.message.includes(`pulse:${monitor}`), error.message);
        return true;
      });
    }
  },
);

test('ALSA has its own microphones, by format', limit, async (t) => {
  // Without a card only PulseAudio makes ALSA keep real time; the file replaces what it gives.
  await startPulse(t, 3000);
  const home = await folder(t);
  const samples = new Int16Array(48_000 * 2 * 30);
  for (let i = 0; i < samples.length; i += 1) {
    samples[i] = 12_000 * Math.sin((2 * Math.PI * 440 * Math.floor(i / 2)) / 48_000);
  }
  await fs.writeFile(path.join(home, 'tone.raw'), samples);
  await fs.writeFile(
    path.join(home, 'asound.conf'),
    `pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }
     pcm.clock { type pulse device "${monitor}" }
     pcm.filemic {
       type file slave.pcm clock file /dev/null infile "${home}/tone.raw" format raw
     }`,
  );
  setEnvironment(t, { ALSA_CONFIG_PATH: path.join(home, 'asound.conf') });
  const room = await openRoom(t);
  const options = { channels: 2, sample_rate: 48_000 };
  const producer = await (
    await sender(room)
  ).produce({
    track: deviceTrack('audio', { format: 'alsa', sourceValue: 'filemic', options }),
  });
  await assertTone(room, producer, 440);
});

test(
  'a microphone whose server dies ends its track, and the producer hears of it',
  limit,
  async (t) => {
    const pulse = await startPulse(t);
    const room = await openRoom(t);
    const stream = await mediaDevices.getUserMedia({ audio: true });
    const [track] = stream.getAudioTracks();
    assert.ok(track);
    const producer = await (await sender(room)).produce({ track });
    await assertTone(room, producer, 440);
    const [ended, trackended] = [
      domEvent(track, 'ended', 30_000),
      event(producer, 'trackended', 30_000),
    ];
    await pulse.kill();
    await Promise.all([ended, trackended]);
    assert.equal(track.readyState, 'ended');
  },
);

test('devicechange fires when a microphone comes, while somebody listens', limit, async (t) => {
  await startPulse(t);
  const changed = domEvent(mediaDevices, 'devicechange', 30_000);
  // What comes before the first look is no change: more microphones until one is noticed.
  let noticed = false;
  void changed.then(() => {
    noticed = true;
  });
  await until(
    'devicechange',
    async () => {
      if (!noticed) await succeeds('pactl', ['load-module', 'module-null-sink']);
      return noticed;
    },
    { timeoutMs: 30_000, everyMs: 1500 },
  );
  await changed;
  const devices = await mediaDevices.enumerateDevices();
  assert.ok(devices.filter(({ kind }) => kind === 'audioinput').length > 1);
});

test('a screen is recorded, with its colours', limit, async (t) => {
  const screen = await startScreen(t, '#ff8000');
  setEnvironment(t, { DISPLAY: screen.name });
  const room = await openRoom(t);
  const stream = await mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } } });
  const [track] = stream.getVideoTracks();
  assert.ok(track);
  const producer = await (await sender(room)).produce({ track });
  const orange = { red: 255, green: 128, blue: 0 };
  const blue = { red: 0, green: 0, blue: 255 };
  for (const picture of await decodePictures(room, producer, { timeoutMs: 30_000 })) {
    assert.ok(colourDistance(meanColour(picture), orange) < 24);
  }
  // A part of it, by the name of the screen, while all of it is recorded.
  const part = await mediaDevices.getDisplayMedia({
    video: { display: `${screen.name}+32,16`, width: 64, height: 48 },
  });
  const [partTrack] = part.getVideoTracks();
  assert.ok(partTrack);
  const small = await (await sender(room)).produce({ track: partTrack });
  await screen.paint('#0000ff');
  await until(
    'blue',
    async () => {
      const pictures = await decodePictures(room, small, { count: 1, timeoutMs: 30_000 });
      return pictures.every((picture) => colourDistance(meanColour(picture), blue) < 24);
    },
    { timeoutMs: 40_000 },
  );
  const ended = domEvent(track, 'ended', 30_000);
  await screen.kill();
  await ended;
  // Another X server may have taken its number by now.
  setEnvironment(t, { DISPLAY: ':29999' });
  await assert.rejects(mediaDevices.getDisplayMedia(), { name: 'NotFoundError' });
  setEnvironment(t, { DISPLAY: '' });
  await assert.rejects(mediaDevices.getDisplayMedia({ video: true, audio: false }), {
    name: 'NotFoundError',
    message: /DISPLAY is not set.*Wayland/,
  });
});

test('no device is refused with what there is', limit, async (t) => {
  await startPulse(t);
  const microphone = mediaDevices.getUserMedia({
    audio: { source: 'device', device: 'pulse:nothing' },
  });
  await assert.rejects(microphone, (error: Error & { code: string }) => {
    assert.equal(error.name, 'NotFoundError');
    assert.equal(error.code, 'ERR_NOT_FOUND');
    assert.match(error.message, /pulse:nothing|"nothing"/);
    assert.ok(error.message.includes(`pulse:${monitor}`), error.message);
    return true;
  });
  await assert.rejects(
    mediaDevices.getUserMedia({ video: { source: 'device', device: '/dev/video97' } }),
    { name: 'NotFoundError', code: 'ERR_NOT_FOUND' },
  );
  const worker = await openWorker(t);
  await assert.rejects(
    worker.getUserMedia({ video: { source: 'device', device: '0', format: 'dshow' } }),
    (error: Error) => {
      assert.equal(error.name, 'UnsupportedError');
      for (const format of ['alsa', 'lavfi', 'pulse', 'v4l2']) {
        assert.ok(error.message.includes(format), error.message);
      }
      return true;
    },
  );
});
