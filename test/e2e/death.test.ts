import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Device } from 'mediasoup-client';
// The sources, not the package: a panic is asked for through what an app can't reach.
import { createWorker } from '../../lib/index.js';
import { Method } from '../../lib/wire.js';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';
import { event, fileTrack, join, openRoom } from './session.js';

test('a panic in the core ends the Worker with died; the process and others go on', async (t) => {
  const room = await openRoom(t);
  const bob = await join(room);
  const bobs = await (
    await bob.createSendTransport()
  ).produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
  const tap = await room.plainTap(bobs);
  await tap.packets(5);

  // The handle of the next worker is told by the request that makes it.
  const bridge = openHooked();
  const request = bridge.request.bind(bridge);
  let handle = 0;
  t.mock.method(bridge, 'request', async (target: number, method: never, params: never) => {
    const result = (await request(target, method, params)) as { handle?: number };
    if ((method as string) === Method.WorkerCreate) handle = result.handle ?? 0;
    return result;
  });
  const worker = await createWorker({ logLevel: 'none' });
  assert.ok(handle > 0);

  const alice = await room.join({
    device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
  });
  const sending = await alice.createSendTransport();
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  await sending.produce({ track, stopTracks: false });

  const died = event<Error>(worker, 'died');
  const closed = event(worker, 'subprocessclose');
  await request(handle, Hook.WorkerPanic, {});
  assert.match((await died).message, /deliberate panic/);
  await closed;
  assert.deepEqual([worker.died, worker.closed, worker.subprocessClosed], [true, true, true]);
  assert.equal(sending.connectionState, 'failed');
  assert.equal(track.readyState, 'ended');
  await assert.rejects(worker.dump());

  await tap.packets(20);
});
