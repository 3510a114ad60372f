import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Device } from 'mediasoup-client';
// The sources, not the package: a panic is asked for through what an app can't reach.
import { AudioData, AudioTrackGenerator, createWorker } from '../../lib/index.js';
import { Method } from '../../lib/wire.js';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';
import { event, fileTrack, join, openRoom, until } from './session.js';

/** A way to make the next worker panic: its handle is told by the request that makes it. */
function panicOfTheNextWorker(t: TestContext): () => Promise<unknown> {
  const bridge = openHooked();
  const request = bridge.request.bind(bridge);
  let handle = 0;
  t.mock.method(bridge, 'request', async (target: number, method: never, params: never) => {
    const result = (await request(target, method, params)) as { handle?: number };
    if ((method as string) === Method.WorkerCreate) handle = result.handle ?? 0;
    return result;
  });
  return async () => {
    assert.ok(handle > 0);
    return await request(handle, Hook.WorkerPanic, {});
  };
}

test('a panic in the core ends the Worker with died; the process and others go on', async (t) => {
  const room = await openRoom(t);
  const bob = await join(room);
  const bobs = await (
    await bob.createSendTransport()
  ).produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
  const tap = await room.plainTap(bobs);
  await tap.packets(5);

  const panic = panicOfTheNextWorker(t);
  const worker = await createWorker({ logLevel: 'none' });

  const alice = await room.join({
    device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
  });
  const sending = await alice.createSendTransport();
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  await sending.produce({ track, stopTracks: false });

  const died = event<Error>(worker, 'died');
  const closed = event(worker, 'subprocessclose');
  await panic();
  assert.match((await died).message, /deliberate panic/);
  await closed;
  assert.deepEqual([worker.died, worker.closed, worker.subprocessClosed], [true, true, true]);
  assert.equal(sending.connectionState, 'failed');
  assert.equal(track.readyState, 'ended');
  await assert.rejects(worker.dump());

  await tap.packets(20);
});

test('writes that wait are refused when the core of a generator dies', async (t) => {
  const panic = panicOfTheNextWorker(t);
  const generator = new AudioTrackGenerator();
  const write = (): Promise<void> =>
    generator.write(
      new AudioData({
        ...{ format: 's16', sampleRate: 8000, timestamp: 0 },
        ...{ numberOfFrames: 800, numberOfChannels: 1, data: new Int16Array(800) },
      }),
    );
  await write();
  const writes = Promise.allSettled(Array.from({ length: 40 }, write));
  await until('some wait', () => generator.queuedDuration > 0.7);
  const drained = assert.rejects(generator.drained(), { name: 'InvalidStateError' });
  await panic();
  const refused = (await writes).filter((one) => one.status === 'rejected');
  assert.ok(refused.length > 10, `${refused.length} were refused`);
  for (const { reason } of refused) assert.equal((reason as Error).name, 'InvalidStateError');
  await drained;
  assert.equal(generator.track.readyState, 'ended');
  await assert.rejects(write(), { name: 'InvalidStateError' });
});
