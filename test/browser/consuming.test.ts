import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { mediaDevices } from 'mediasoup-client-pion';
import type { types } from 'mediasoup-client';
import { codecOf, fileTrack, fixture, join, openRoom, until } from '../e2e/session.js';
import { colourDistance, meanColour } from '../e2e/support/picture.mjs';
import { mediaCodecsOf } from '../e2e/support/room.mjs';
import { loudness, strongestTone } from '../e2e/support/tone.mjs';
import { clip, picture, tone } from '../sources/support/clips.mjs';
import { listen, serving } from '../sources/support/listening.js';
import { setEnvironment } from '../sources/support/program.js';
import { startPulse } from '../sources/support/pulse.js';
import { startScreen } from '../sources/support/screen.js';
import { entryOf, isRed, limit, mediaCodecs, useBrowser } from './session.js';
import type { BrowserPeer } from './support/browser.mjs';

const openPage = useBrowser();

const baseline = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline'];
const yuv420 = ['-pix_fmt', 'yuv420p'];

const encoders = {
  H264: ['mp4', ...baseline, ...yuv420],
  VP8: ['webm', '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'],
  VP9: ['webm', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
  AV1: ['mp4', '-c:v', 'libsvtav1', '-preset', '12', ...yuv420],
};

function sourceTrack(kind: 'audio' | 'video', data: object): FakeMediaStreamTrack {
  return new FakeMediaStreamTrack({ kind, data: { loop: true, ...data } });
}

const passedTrack = (kind: 'audio' | 'video', file: string): FakeMediaStreamTrack =>
  sourceTrack(kind, { sourceType: 'file', sourceValue: file, decode: false });

async function outboundOf(producer: types.Producer) {
  const report = (await producer.getStats()) as ReadonlyMap<string, Record<string, unknown>>;
  return entryOf(report.values(), 'outbound-rtp');
}

async function assertHeard(page: BrowserPeer, producer: { id: string }, hertz = 440) {
  const consumer = await page.consume(producer);
  // The first sounds may be of a decoder that begins.
  await until(
    `a tone of ${hertz} Hz`,
    async () => {
      const sound = await page.sound(consumer);
      return strongestTone(sound).frequency === hertz && loudness(sound) > 0.02;
    },
    { timeoutMs: 30_000 },
  );
}

async function assertRed(page: BrowserPeer, producer: { id: string }): Promise<string> {
  const consumer = await page.consume(producer);
  const shown = await page.picture(consumer, 10);
  assert.deepEqual([shown.videoWidth, shown.videoHeight], [320, 240]);
  assert.ok(isRed(shown), JSON.stringify(meanColour(shown)));
  return consumer;
}

test('each codec that is encoded is seen or heard in the page', limit, async (t) => {
  const room = await openRoom(t, { mediaCodecs });
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const page = await openPage(t, room);
  for (const codec of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']) {
    const producer = await transport.produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
      codec: codecOf(alice.device, codec),
    });
    assert.notEqual((await outboundOf(producer))['encoderImplementation'], 'passthrough');
    await assertRed(page, producer);
    producer.close();
  }
  for (const codec of ['audio/opus', 'audio/PCMU', 'audio/PCMA']) {
    const producer = await transport.produce({
      track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
      codec: codecOf(alice.device, codec),
    });
    await assertHeard(page, producer);
    producer.close();
  }
});

for (const [name, [extension = '', ...encoder]] of Object.entries(encoders)) {
  test(`${name} of a file is played by the page, also by one that comes late`, limit, async (t) => {
    // One keyframe at the start, and no other.
    const groups = ['-g', '300', '-b:v', '300k'];
    const file = await clip(`sparse.${extension}`, picture('red', 20, 10), encoder, groups);
    const room = await openRoom(t, { mediaCodecs });
    const alice = await join(room);
    const producer = await (
      await alice.createSendTransport()
    ).produce({
      track: passedTrack('video', file),
      codec: codecOf(alice.device, `video/${name}`),
    });
    const page = await openPage(t, room);
    // Far from the keyframe.
    await until('2 s of the file', async () => {
      const [stats] = await room.serverProducer(producer).getStats();
      return Number(stats?.packetCount) > 20;
    });
    for (const turn of ['first', 'second']) {
      const consumer = await assertRed(page, producer);
      const { firstMs } = await page.picture(consumer);
      t.diagnostic(`${turn} consumer: the first picture came after ${Math.round(firstMs)} ms`);
    }
    assert.equal((await outboundOf(producer))['encoderImplementation'], 'passthrough');
  });
}

test('H264 and Opus of one file are passed, seen and heard', limit, async (t) => {
  const file = await clip('both.mkv', [
    ...picture('red', 4),
    ...tone(4),
    ...[...baseline, ...yuv420, '-g', '60', '-c:a', 'libopus', '-b:a', '64k'],
  ]);
  const room = await openRoom(t, { mediaCodecs: mediaCodecsOf('opus', 'VP8', 'H264') });
  const transport = await (await join(room)).createSendTransport();
  const video = await transport.produce({ track: passedTrack('video', file) });
  const audio = await transport.produce({ track: passedTrack('audio', file) });
  // The first of the router's codecs that the file comes in.
  assert.equal(video.rtpParameters.codecs[0]?.mimeType, 'video/H264');
  const page = await openPage(t, room);
  await assertRed(page, video);
  await assertHeard(page, audio);
  for (const producer of [video, audio]) {
    assert.equal((await outboundOf(producer))['encoderImplementation'], 'passthrough');
  }
});

test('a URL is seen and heard', limit, async (t) => {
  const port = await listen(t, http.createServer(serving(fixture('red-440hz.mp4'))));
  const room = await openRoom(t);
  const transport = await (await join(room)).createSendTransport();
  const page = await openPage(t, room);
  const data = { sourceType: 'url', sourceValue: `http://127.0.0.1:${port}/clip.mp4` };
  await assertRed(page, await transport.produce({ track: sourceTrack('video', data) }));
  await assertHeard(page, await transport.produce({ track: sourceTrack('audio', data) }));
});

test('a filter graph, a microphone and a screen are seen and heard', limit, async (t) => {
  await startPulse(t, 660);
  const screen = await startScreen(t, '#ff8000');
  setEnvironment(t, { DISPLAY: screen.name });
  const room = await openRoom(t);
  const transport = await (await join(room)).createSendTransport();
  const page = await openPage(t, room);
  const graph = {
    sourceType: 'device',
    format: 'lavfi',
    sourceValue: 'color=0xff0000:s=320x240:r=25',
    loop: false,
  };
  await assertRed(page, await transport.produce({ track: sourceTrack('video', graph) }));

  const [microphone] = (await mediaDevices.getUserMedia({ audio: true })).getAudioTracks();
  const [display] = (await mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
  assert.ok(microphone && display);
  await assertHeard(page, await transport.produce({ track: microphone }), 660);
  const consumer = await page.consume(await transport.produce({ track: display }));
  const shown = await page.picture(consumer, 5);
  assert.ok(colourDistance(meanColour(shown), { red: 255, green: 128, blue: 0 }) < 48);
});

test('the page counts what we count', limit, async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(alice.device, 'video/VP8'),
  });
  const page = await openPage(t, room);
  const consumer = await page.consume(producer);
  await page.picture(consumer, 10);
  // From here to there, while both count the same frames.
  const both = async () => {
    const ours = await outboundOf(producer);
    const theirs = entryOf(await page.stats(consumer), 'inbound-rtp');
    const number = (entry: Record<string, unknown>, name: string) => Number(entry[name]);
    return {
      packets: [number(ours, 'packetsSent'), number(theirs, 'packetsReceived')] as const,
      frames: [number(ours, 'framesSent'), number(theirs, 'framesReceived')] as const,
      ours,
      theirs,
    };
  };
  const from = await both();
  await page.picture(consumer, 100);
  const to = await both();
  for (const name of ['packets', 'frames'] as const) {
    const [sent, received] = [0, 1].map((side) => (to[name][side] ?? 0) - (from[name][side] ?? 0));
    assert.ok(sent && received && sent >= 60, `${name}: ${sent} and ${received}`);
    assert.ok(Math.abs(sent - received) <= sent / 5, `${name}: ${sent} and ${received}`);
  }
  assert.deepEqual(
    [to.ours['frameWidth'], to.ours['frameHeight']],
    [to.theirs['frameWidth'], to.theirs['frameHeight']],
  );
  assert.ok(Number(to.theirs['keyFramesDecoded']) >= 1);
});
