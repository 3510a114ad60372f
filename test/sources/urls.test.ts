import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { types } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createWorker } from 'mediasoup-client-pion';
import { fileTrack, fixture, join, openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { decodePictures, decodeSound } from '../e2e/support/decode.mjs';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import { strongestTone } from '../e2e/support/tone.mjs';
import { listen, serving } from './support/listening.js';

const limit = { timeout: 90_000 };
const run = promisify(execFile);

async function folderOf(t: TestContext): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'urls-'));
  t.after(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A certificate for 127.0.0.1 that nobody knows: it is its own authority. */
async function certificate(folder: string): Promise<{ key: string; cert: string }> {
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ]);
  return { key, cert };
}

function urlTrack(kind: 'audio' | 'video', url: string, data: object = {}) {
  return new FakeMediaStreamTrack({
    kind,
    data: { sourceType: 'url', sourceValue: url, ...data },
  });
}

async function assertRedAndTone(
  room: Room,
  { video, audio }: Record<'video' | 'audio', { id: string }>,
): Promise<void> {
  for (const picture of await decodePictures(room, video, { timeoutMs: 30_000 })) {
    assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
  }
  const tone = strongestTone(await decodeSound(room, audio, { timeoutMs: 30_000 }));
  assert.equal(tone.frequency, 440);
  assert.ok(tone.share > 0.8, `share of the tone: ${tone.share}`);
}

test(
  'a file over https, of a private authority, arrives as picture and sound',
  limit,
  async (t) => {
    const { key, cert } = await certificate(await folderOf(t));
    const options = { key: await fs.readFile(key), cert: await fs.readFile(cert) };
    const port = await listen(t, https.createServer(options, serving(fixture('red-440hz.mp4'))));
    const url = `https://127.0.0.1:${port}/clip.mp4`;
    const room = await openRoom(t);
    const transport = await (await join(room)).createSendTransport();

    await assert.rejects(transport.produce({ track: urlTrack('video', url) }), {
      name: 'NetworkError',
      message: /certificate.*ca_file/,
    });
    const data = { loop: true, options: { ca_file: cert } };
    await assertRedAndTone(room, {
      video: await transport.produce({ track: urlTrack('video', url, data) }),
      audio: await transport.produce({ track: urlTrack('audio', url, data) }),
    });
  },
);

test('a file that cannot be played without ranges says so', limit, async (t) => {
  // Its index comes last.
  const content = await fs.readFile(fixture('red-440hz.mp4'));
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-length': content.length }).end(content);
  });
  const url = `http://127.0.0.1:${await listen(t, server)}/clip.mp4`;
  const room = await openRoom(t);
  const transport = await (await join(room)).createSendTransport();
  for (const kind of ['video', 'audio'] as const) {
    const track = urlTrack(kind, url, { loop: true });
    const ended = once(track, 'ended');
    // It may come so far that the track is sent, before it ends.
    await transport.produce({ track }).catch((error: unknown) => {
      assert.match(String(error), /^NotSupportedError: .*with ranges/);
    });
    await ended;
    const { error } = track.data as { error?: Error };
    assert.match(String(error), /with ranges, or with its index first/);
  }
});

test('a live stream over RTMP arrives as picture and sound', limit, async (t) => {
  const reserved = net.createServer().listen(0, '127.0.0.1');
  await once(reserved, 'listening');
  const { port } = reserved.address() as AddressInfo;
  reserved.close();
  await once(reserved, 'close');
  const url = `rtmp://127.0.0.1:${port}/live/red`;
  const sender = spawn('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', 'color=red:s=320x240:r=30'],
    ...['-re', '-f', 'lavfi', '-i', 'sine=440:r=48000', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-pix_fmt', 'yuv420p', '-tune', 'zerolatency', '-g', '30', '-c:a', 'aac'],
    ...['-f', 'flv', '-listen', '1', url],
  ]);
  t.after(() => sender.kill('SIGKILL'));

  const room = await openRoom(t);
  const transport = await (await join(room)).createSendTransport();
  // Both kinds come from one source: the sender takes one client only.
  let video = await transport.produce({ track: urlTrack('video', url) }).catch(() => undefined);
  await until(
    'the sender listens',
    async () => {
      video ??= await transport.produce({ track: urlTrack('video', url) }).catch(() => undefined);
      return video;
    },
    { timeoutMs: 30_000, everyMs: 200 },
  );
  assert.ok(video);
  const audio = await transport.produce({ track: urlTrack('audio', url) });
  await assertRedAndTone(room, { video, audio });
});

test(
  'what cannot be opened rejects produce(), and the transport stays usable',
  limit,
  async (t) => {
    const server = http.createServer((_request, response) => response.writeHead(404).end());
    const port = await listen(t, server);
    const room = await openRoom(t);
    const transport = await (await join(room)).createSendTransport();
    const missing = `http://ann:s3cret@127.0.0.1:${port}/none.mp4`;
    await assert.rejects(
      transport.produce({ track: urlTrack('video', missing) }),
      (error: Error) => {
        assert.equal(error.name, 'NotFoundError');
        assert.match(error.message, /404/);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
    await assert.rejects(
      transport.produce({ track: urlTrack('video', 'gopher://127.0.0.1/a') }),
      TypeError,
    );
    const producer = await transport.produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
    });
    for (const picture of await decodePictures(room, producer, { timeoutMs: 30_000 })) {
      assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
    }
  },
);

/** A server that takes connections and says nothing. */
async function silentServer(t: TestContext): Promise<net.Server> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

// Seconds: longer than a test may take.
const timeout = 300;

test('closing a Worker ends what opens a server that is silent', { timeout: 30_000 }, async (t) => {
  const server = await silentServer(t);
  const { port } = server.address() as AddressInfo;
  for (const scheme of ['http', 'rtsp', 'rtmp']) {
    const worker = await createWorker();
    const accepted = once(server, 'connection');
    const url = `${scheme}://127.0.0.1:${port}/live/stream`;
    const opening = worker.getUserMedia({ video: { source: 'url', url, timeout } });
    const refused = assert.rejects(opening, { code: 'ERR_CLOSED' }, scheme);
    await accepted;
    worker.close();
    await refused;
  }
});

test('a slow source keeps nothing else of its Worker waiting', { timeout: 60_000 }, async (t) => {
  const server = await silentServer(t);
  const { port } = server.address() as AddressInfo;
  const room = await openRoom(t);
  const worker = await createWorker();
  t.after(() => {
    worker.close();
  });
  let accepted = 0;
  server.on('connection', () => (accepted += 1));
  const urls = Array.from({ length: 10 }, (_, i) => `http://127.0.0.1:${port}/camera-${i}.mp4`);
  const refusals: unknown[] = [];
  const opening = urls.map((url) =>
    worker
      .getUserMedia({
        audio: { source: 'url', url, timeout },
        video: { source: 'url', url, timeout },
      })
      .catch((error: unknown) => {
        refusals.push(error);
      }),
  );
  // All at once, and side by side with everything else.
  await until('all ten are asked', () => accepted >= urls.length);
  await worker.dump();
  await join(room, worker.createHandlerFactory());
  const stream = await worker.getUserMedia({
    video: { source: 'file', file: fixture('blue.mp4') },
  });
  assert.equal((await worker.dump()).players.length, 1);
  stream.close();
  worker.close();
  await setImmediate();
  assert.equal(refusals.length, urls.length, 'rejected at once');
  for (const error of refusals) assert.equal((error as { code?: string }).code, 'ERR_CLOSED');
  await Promise.all(opening);
});

const openingOf: Record<string, (transport: types.Transport) => Promise<Opens>> = {
  'produce()': (transport) => Promise.resolve((track) => transport.produce({ track })),
  'replaceTrack()': async (transport) => {
    const producer = await transport.produce({ track: fileTrack('video', 'red-440hz.mp4') });
    return (track) => producer.replaceTrack({ track });
  },
};
type Opens = (track: FakeMediaStreamTrack) => Promise<unknown>;

for (const [name, prepare] of Object.entries(openingOf)) {
  test(`closing a transport ends what its ${name} opens`, { timeout: 30_000 }, async (t) => {
    const server = await silentServer(t);
    const { port } = server.address() as AddressInfo;
    const room = await openRoom(t);
    const alice = await join(room);
    // Keeps the factory's worker open.
    const other = await alice.createSendTransport();
    const transport = await alice.createSendTransport();
    const opens = await prepare(transport);
    const accepted = once(server, 'connection');
    const data = { sourceType: 'url', sourceValue: `http://127.0.0.1:${port}/film.mp4`, timeout };
    const track = new FakeMediaStreamTrack({ kind: 'video', data });
    // The words are mediasoup-client's.
    const refused = assert.rejects(opens(track));
    const [socket] = (await accepted) as [net.Socket];
    const ended = once(socket.resume(), 'close');
    transport.close();
    await refused;
    await ended;
    await other.produce({ track: fileTrack('video', 'blue.mp4') });
  });
}
