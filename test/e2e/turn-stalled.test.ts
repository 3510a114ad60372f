import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorker } from 'mediasoup-client-pion';
import { codecOf, event, fileTrack, join, openRoom, until } from './session.js';
import { Coturn } from './support/coturn.mjs';

// So many of 1 Mbit/s each fill what the system buffers of a connection within seconds.
const PRODUCERS = 8;
const STALLED_MS = 8000;

const picture = () => fileTrack('video', 'bars-440hz.mp4', { loop: true, decode: false });

test('a TURN server that stops reading TCP holds up neither the other transports of the source nor close()', async (t) => {
  const coturn = await Coturn.start();
  t.after(() => coturn.stop());
  const room = await openRoom(t);
  const worker = await createWorker();
  t.after(() => worker.close());
  const client = await join(room, worker.createHandlerFactory());
  const codec = codecOf(client.device, 'video/H264');
  const relayed = await client.createSendTransport({
    client: { iceServers: [coturn.iceServer('tcp')], iceTransportPolicy: 'relay' },
  });
  for (let number = 0; number < PRODUCERS; number++) {
    await relayed.produce({ track: picture(), codec });
  }
  const direct = await client.createSendTransport();
  const producer = await direct.produce({ track: picture(), codec });
  await until('a connection', () => relayed.connectionState === 'connected');
  const tap = await room.plainTap(producer);
  await tap.packets(50);

  coturn.pause();
  let [longest, last] = [0, performance.now()];
  tap.on('packet', () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  });
  await new Promise((resolve) => setTimeout(resolve, STALLED_MS));
  longest = Math.max(longest, performance.now() - last);
  t.diagnostic(`at most ${longest.toFixed()} ms between packets`);
  assert.ok(longest < 2000, `${longest} ms without a packet`);

  const begin = performance.now();
  const closed = event(worker, 'subprocessclose');
  worker.close();
  await closed;
  const took = performance.now() - begin;
  t.diagnostic(`closed in ${took.toFixed()} ms`);
  assert.ok(took < 3000, `closed in ${took} ms`);
});
