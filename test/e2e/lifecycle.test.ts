import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Device } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory, createWorker, grabFrame } from 'mediasoup-client-pion';
import { fileTrack, fixture, join, openRoom, until } from './session.js';

test("the server's worker killed half-way: the transports tell, promises settle, closing works", async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  const producer = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const dataProducer = await sending.produceData({});
  await room.consume(alice, producer);
  await until('connected', () => receiving.connectionState === 'connected');
  await until('open', () => dataProducer.readyState === 'open');

  const lost = new Promise<string>((resolve) => {
    sending.on('connectionstatechange', (state) => {
      if (state === 'failed' || state === 'disconnected') resolve(state);
    });
  });
  await room.killWorker();
  assert.match(await lost, /failed|disconnected/);
  await assert.rejects(
    sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) }),
  );
  await sending.getStats();
  const closing = performance.now();
  sending.close();
  receiving.close();
  assert.ok(performance.now() - closing < 1_000);
});

test('closing a transport half-way rejects what is under way', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const producing = sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  sending.close();
  await assert.rejects(producing);
});

test('a track that is stopped while its source opens keeps nobody waiting, and nothing open', async (t) => {
  // It takes connections, and never answers.
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    socket.resume();
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const room = await openRoom(t);
  const sending = await (await join(room)).createSendTransport();
  const track = new FakeMediaStreamTrack({
    kind: 'video',
    data: { sourceType: 'url', sourceValue: `http://127.0.0.1:${port}/a.mp4`, timeout: 300 },
  });
  const ended = { name: 'InvalidStateError', message: 'track: the track has ended' };
  const refused = Promise.all([
    assert.rejects(sending.produce({ track }), ended),
    assert.rejects(grabFrame(track, { timeout: 300_000 }), ended),
  ]);
  await until('a connection', () => sockets.size > 0);
  track.stop();
  await refused;
  await until('no connection', () => sockets.size === 0);
  // The transport has waited for it, too.
  await sending.produce({ track: fileTrack('video', 'red-440hz.mp4', { loop: true }) });
});

test('a closed Worker refuses by name', async () => {
  const worker = await createWorker();
  worker.close();
  worker.close();
  for (const refused of [
    worker.dump(),
    worker.getUserMedia({ video: { source: 'file', file: fixture('blue.mp4') } }),
  ]) {
    await assert.rejects(refused, { name: 'InvalidStateError' });
  }
});

test('tracks of one factory that name the same file share it; the last stop closes it', async (t) => {
  const room = await openRoom(t);
  const worker = await createWorker();
  t.after(() => worker.close());
  const streams = [];
  for (let index = 0; index < 10; index++) {
    streams.push(
      await worker.getUserMedia({
        video: { source: 'file', file: fixture('blue.mp4'), loop: true },
      }),
    );
  }
  assert.equal((await worker.dump()).players.length, 1);
  const alice = await room.join({
    device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
  });
  const sending = await alice.createSendTransport();
  for (const stream of streams) {
    const [track] = stream.getVideoTracks();
    assert.ok(track);
    await sending.produce({ track });
  }
  for (const stream of streams.slice(1)) stream.close();
  assert.equal((await worker.dump()).players.length, 1);
  streams[0]?.close();
  await until('the file to close', async () => (await worker.dump()).players.length === 0);
});

test('100 Devices opened and closed leave no thread, file or much memory behind', async (t) => {
  const room = await openRoom(t);
  const { readdirSync } = await import('node:fs');
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const round = async () => {
    const alice = await join(room, createFactory());
    const sending = await alice.createSendTransport();
    const producer = await sending.produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
    });
    const tap = await room.plainTap(producer);
    await tap.packets(1);
    await tap.close();
    alice.close();
  };
  for (let warm = 0; warm < 20; warm++) await round();
  globalThis.gc?.();
  const [before, memory] = [descriptors(), process.memoryUsage.rss()];
  for (let index = 0; index < 100; index++) await round();
  await until('descriptors to close', () => descriptors() <= before + 10, {
    timeoutMs: 20_000,
  });
  globalThis.gc?.();
  const grown = (process.memoryUsage.rss() - memory) / 2 ** 20;
  assert.ok(grown < 80, `${grown.toFixed(0)} MiB more after 100 rounds`);
});
