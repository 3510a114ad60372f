// AsyncLocalStorage: what listens is called in the context of who made what it listens to, as with the sockets of Node.js,
// and what is awaited goes on in that of who awaits.
import assert from 'node:assert/strict';
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { Device } from 'mediasoup-client';
import { MediaRecorder, MediaStreamTrackProcessor, createWorker } from 'mediasoup-client-pion';
import { folder } from './recordings.js';
import { fixture, openRoom, until } from './session.js';

const storage = new AsyncLocalStorage<string>();

/** What a listener is called in, by what it heard. */
class Heard {
  readonly contexts = new Map<string, Set<string | undefined>>();

  in(name: string): () => void {
    const contexts = new Set<string | undefined>();
    this.contexts.set(name, contexts);
    return () => contexts.add(storage.getStore());
  }
}

test('each of two callers hears of what it made in its own context, and awaits in it', async (t) => {
  const room = await openRoom(t);
  const at = folder(t);
  // Nobody's context is that in which the core was loaded.
  const first = await storage.run('the first', () => createWorker());
  t.after(() => first.close());

  const live = async (caller: string) => {
    const heard = new Heard();
    const here = () => assert.equal(storage.getStore(), caller);
    const worker = await createWorker();
    here();
    worker.on('subprocessclose', heard.in('the Worker'));
    const peer = await room.join({
      device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
    });
    const file = { source: 'file', file: fixture('red-440hz.mp4'), loop: true } as const;
    const stream = await worker.getUserMedia({ video: file });
    here();
    const [track] = stream.getTracks();
    assert.ok(track);
    const sending = await peer.createSendTransport();
    sending.on('connectionstatechange', heard.in('a transport'));
    const producer = await sending.produce({ track: track as unknown as MediaStreamTrack });
    here();
    const data = await sending.produceData();
    const opened = new Promise<void>((resolve) => data.on('open', () => resolve()));
    data.on('open', heard.in('a DataProducer'));
    const consumer = await peer.consume(producer);
    const echo = await peer.consumeData(data);
    let messages = 0;
    const hear = heard.in('a message');
    echo.on('message', () => {
      messages++;
      hear();
    });
    await opened;
    here();
    await until('a message', () => {
      data.send('hello');
      return messages > 3;
    });
    const reader = new MediaStreamTrackProcessor({ track: consumer.track }).readable.getReader();
    for (let i = 0; i < 3; i++) {
      const { value } = await reader.read();
      here();
      value?.close();
    }
    await reader.cancel();
    // It ends by itself.
    const short = await worker.getUserMedia({
      audio: { source: 'file', file: fixture('short.mp4') },
    });
    const sound = short.getTracks()[0] as unknown as MediaStreamTrack;
    sound.addEventListener('ended', heard.in('a track'));
    for await (const piece of new MediaStreamTrackProcessor({ track: sound }).readable) {
      here();
      piece.close();
    }
    const recorder = new MediaRecorder(consumer.track, { file: path.join(at, `${caller}.webm`) });
    recorder.onstop = heard.in('a recorder');
    recorder.onstart = heard.in('the start of one');
    recorder.start();
    await until('the recorder records', () => heard.contexts.get('the start of one')?.size);
    await recorder.stop();
    here();
    return { heard, worker, peer };
  };

  const callers = ['one', 'another'];
  const lives = await Promise.all(callers.map((caller) => storage.run(caller, live, caller)));
  for (const { worker, peer } of lives) {
    // Whoever closes it.
    storage.run('who closes', () => {
      peer.close();
      worker.close();
    });
  }
  await until('both are closed', () => lives.every(({ worker }) => worker.subprocessClosed));
  for (const [index, { heard }] of lives.entries()) {
    for (const [name, contexts] of heard.contexts) {
      assert.deepEqual([...contexts], [callers[index]], `${name} of ${String(callers[index])}`);
    }
  }
});

test('what async_hooks are told of begins and ends', async (t) => {
  const open = new Set<number>();
  const hook = createHook({
    init: (id, type) => type === 'MEDIASOUPCLIENTPION' && open.add(id),
    destroy: (id) => open.delete(id),
  });
  const first = await createWorker();
  t.after(() => first.close());
  hook.enable();
  t.after(() => hook.disable());
  const file = { source: 'file', file: fixture('red-440hz.mp4'), loop: true } as const;
  let most = 0;
  for (let i = 0; i < 10; i++) {
    const worker = await createWorker();
    const stream = await worker.getUserMedia({ audio: file, video: file });
    most = Math.max(most, open.size);
    stream.close();
    worker.close();
    await until('it is closed', () => worker.subprocessClosed);
  }
  await until('all of them have ended', () => turn().then(() => open.size === 0));
  assert.ok(most > 0);
});
