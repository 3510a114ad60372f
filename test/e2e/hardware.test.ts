// Hardware that encodes the pictures of a track that prefers it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createWorker, VideoFrame, VideoTrackGenerator } from 'mediasoup-client-pion';
import type { VideoTrackGeneratorOptions } from 'mediasoup-client-pion';
import { codecOf, fileTrack, fixture, flows, join, openRoom, until } from './session.js';
import { loggedLines } from './support/logged-lines.js';
import { makeDriver } from './support/nvidia-driver.mjs';

/** A client in a room, and what its Worker warns of. */
async function openSession(t: TestContext) {
  const lines = loggedLines(t);
  const room = await openRoom(t);
  const worker = await createWorker({ logLevel: 'warn' });
  t.after(() => {
    worker.close();
  });
  const peer = await join(room, worker.createHandlerFactory());
  const sending = await peer.createSendTransport();
  const warnings = () => lines.filter((line) => line.includes('is not encoded in hardware'));
  return { room, worker, peer, sending, warnings };
}

type Session = Awaited<ReturnType<typeof openSession>>;

/** What encodes the pictures of a track on their way to a consumer, which sees them. */
async function encoderOf(
  { room, peer, sending }: Session,
  track: FakeMediaStreamTrack,
  mimeType = 'video/H264',
) {
  const producer = await sending.produce({ track, codec: codecOf(peer.device, mimeType) });
  const consumer = await room.consume(peer, producer);
  await flows(consumer);
  const stats = [...(await producer.getStats()).values()] as Record<string, unknown>[];
  const decoded = async () => {
    const entries = [...(await consumer.getStats()).values()] as Record<string, unknown>[];
    return entries.some(({ type, framesReceived }) => {
      return type === 'inbound-rtp' && Number(framesReceived) > 10;
    });
  };
  await until('pictures', decoded);
  return stats.find(({ type }) => type === 'outbound-rtp')?.['encoderImplementation'];
}

const source = { loop: true, decode: true };
const preferring = { hardwareAcceleration: 'prefer-hardware' } as const;
const picture = (data: object) => fileTrack('video', 'red-440hz.mp4', { ...source, ...data });

type Sent = { mimeType: string; data: object };

async function encodedBy(t: TestContext, { mimeType, data }: Sent) {
  const session = await openSession(t);
  const encoder = await encoderOf(session, picture(data), mimeType);
  return { encoder, warnings: session.warnings() };
}

/** Runs a test of this file by its name in a process that finds the driver, and is true in there. */
async function inDriver(t: TestContext, environment: object = {}): Promise<boolean> {
  if (process.env['DRIVER']) return true;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'driver-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  makeDriver(folder);
  const own = ['--test-name-pattern', t.name, import.meta.filename];
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, ...own], {
    env: {
      ...{ ...process.env, NODE_TEST_CONTEXT: undefined },
      ...{ ...environment, DRIVER: '1', LD_LIBRARY_PATH: folder },
    },
  }).catch((error: unknown) => {
    const { stdout: said = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${said}\n${stderr}`, { cause: error });
  });
  assert.match(stdout, /pass 1\b/);
  return false;
}

test('without a device software encodes what prefers hardware, and a warning says why', async (t) => {
  const { encoder, warnings } = await encodedBy(t, { mimeType: 'video/H264', data: preferring });
  assert.equal(encoder, 'OpenH264');
  assert.equal(warnings.length, 1, warnings.join('\n'));
  assert.match(warnings[0] ?? '', /H264 .*libcuda\.so\.1 cannot be loaded: install the driver/);
});

test('a device encodes what prefers hardware', async (t) => {
  if (!(await inDriver(t))) return;
  const { encoder, warnings } = await encodedBy(t, { mimeType: 'video/H264', data: preferring });
  assert.equal(encoder, 'NVENC');
  assert.deepEqual(warnings, []);
});

test('a device that is lost leaves the rest to software', async (t) => {
  if (!(await inDriver(t, { DRIVER_PICTURES: '5' }))) return;
  const { encoder, warnings } = await encodedBy(t, { mimeType: 'video/H264', data: preferring });
  assert.equal(encoder, 'OpenH264');
  assert.match(warnings.join('\n'), /H264 .*encode with NVENC/);
});

test('a device has nothing to do with what does not prefer hardware', async (t) => {
  if (!(await inDriver(t))) return;
  for (const hardwareAcceleration of [undefined, 'no-preference', 'prefer-software']) {
    const sent = { mimeType: 'video/H264', data: { hardwareAcceleration } };
    const { encoder, warnings } = await encodedBy(t, sent);
    assert.equal(encoder, 'OpenH264', hardwareAcceleration);
    assert.deepEqual(warnings, []);
  }
  const other = await encodedBy(t, { mimeType: 'video/VP8', data: preferring });
  assert.equal(other.encoder, 'libvpx');
  assert.match(other.warnings.join('\n'), /VP8 .*no hardware encoder of this codec/);
});

test('of tracks of one source a device encodes those that prefer hardware', async (t) => {
  if (!(await inDriver(t))) return;
  const session = await openSession(t);
  assert.equal(await encoderOf(session, picture({})), 'OpenH264');
  assert.equal(await encoderOf(session, picture(preferring)), 'NVENC');
  assert.equal(await encoderOf(session, picture({})), 'OpenH264');
});

test('a clone prefers hardware as its track does', async (t) => {
  if (!(await inDriver(t))) return;
  const session = await openSession(t);
  const file = { source: 'file', file: fixture('red-440hz.mp4'), ...source } as const;
  for (const [preference, encoder] of [
    [preferring, 'NVENC'],
    [{}, 'OpenH264'],
  ] as const) {
    const stream = await session.worker.getUserMedia({ video: { ...file, ...preference } });
    const [track] = stream.getVideoTracks();
    assert.ok(track);
    const clone = track.clone();
    track.stop();
    assert.equal(await encoderOf(session, clone), encoder);
  }
});

/** One that is written to until the test ends. */
function generatorOf(t: TestContext, options?: VideoTrackGeneratorOptions): VideoTrackGenerator {
  const generator = new VideoTrackGenerator(options);
  const [codedWidth, codedHeight] = [320, 240];
  const grey = new Uint8Array((codedWidth * codedHeight * 3) / 2).fill(128);
  const timer = setInterval(() => {
    const timestamp = performance.now() * 1000;
    const picture = new VideoFrame(grey, { format: 'I420', codedWidth, codedHeight, timestamp });
    generator.write(picture).catch(() => undefined);
  }, 33);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
  return generator;
}

test('a device encodes what an app writes to a generator that prefers hardware, and a clone', async (t) => {
  if (!(await inDriver(t))) return;
  const session = await openSession(t);
  for (const [options, encoder] of [
    [preferring, 'NVENC'],
    [undefined, 'OpenH264'],
    [{}, 'OpenH264'],
    [{ hardwareAcceleration: 'prefer-software' }, 'OpenH264'],
  ] as const) {
    const { track } = generatorOf(t, options);
    const clone = track.clone();
    assert.equal(await encoderOf(session, track), encoder);
    track.stop();
    assert.equal(await encoderOf(session, clone), encoder);
    clone.stop();
  }
});

test('a generator says which of its options is wrong', () => {
  for (const [options, expected] of [
    [7, 'options: expected { hardwareAcceleration }, got 7'],
    [
      { hardwareAcceleration: 'nvenc' },
      'options.hardwareAcceleration: expected "no-preference", "prefer-hardware", "prefer-software", got "nvenc"',
    ],
  ] as const) {
    const make = () => new VideoTrackGenerator(options as VideoTrackGeneratorOptions);
    assert.throws(make, { name: 'TypeError', message: expected });
  }
});

test('pictures that prefer hardware and their sound are of one source', async (t) => {
  const worker = await createWorker();
  t.after(() => {
    worker.close();
  });
  const file = { source: 'file', file: fixture('red-440hz.mp4'), loop: true } as const;
  for (const [audio, video] of [
    [file, { ...file, ...preferring }],
    [{ ...file, ...preferring }, file],
  ] as const) {
    const stream = await worker.getUserMedia({ audio, video });
    const ids = stream.getTracks().map((track) => track.data.playerId);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
    for (const track of stream.getTracks()) track.stop();
  }
});
