// Frames and Workers are of their thread: none is posted to another one as something that is no use there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as threads from 'node:worker_threads';
import { AudioData, VideoFrame, Worker } from 'mediasoup-client-pion';

const isTold = 'markAsUncloneable' in threads;

const sound = (): AudioData =>
  new AudioData({
    ...{ format: 's16', sampleRate: 48_000, numberOfFrames: 10, numberOfChannels: 1 },
    ...{ timestamp: 0, data: new Int16Array(10) },
  });
const picture = (): VideoFrame =>
  new VideoFrame(new Uint8Array(16), {
    ...{ format: 'RGBA', codedWidth: 2, codedHeight: 2, timestamp: 0 },
  });
/** Makes one of another, and closes that. */
function of<T extends { close(): void }>(first: T, make: (of: T) => T): T {
  const made = make(first);
  first.close();
  return made;
}

const made: Record<string, () => { close(): void }> = {
  'a picture': picture,
  'a clone of a picture': () => of(picture(), (frame) => frame.clone()),
  'a picture of another': () => of(picture(), (frame) => new VideoFrame(frame, { timestamp: 1 })),
  sound,
  'a clone of sound': () => of(sound(), (data) => data.clone()),
  'a Worker': () => new Worker(),
};

for (const [name, make] of Object.entries(made)) {
  test(`${name} ${isTold ? "can't be posted to another thread" : 'is nothing but an object once it is posted'}`, () => {
    const { port1, port2 } = new threads.MessageChannel();
    const thing = make();
    try {
      for (const send of [
        () => structuredClone(thing),
        () => port1.postMessage(thing),
        () => port1.postMessage({ within: [thing] }),
      ]) {
        if (isTold) assert.throws(send, { name: 'DataCloneError' });
        else send();
      }
      if (!isTold) {
        assert.equal(Object.getPrototypeOf(structuredClone(thing)), Object.prototype);
      }
    } finally {
      thing.close();
      port1.close();
      port2.close();
    }
  });
}
