// A process that produces and consumes again and again, and says how long each takes: without the server's part.
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import { createWorker } from '../../dist/index.mjs';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { serveChild } from '../measure/child.mjs';

serveChild(async ({ file, streams, live, cycles, step }, channel) => {
  let waited = 0;
  const request = async (method, data) => {
    const began = performance.now();
    try {
      return await channel.request(method, data);
    } finally {
      waited += performance.now() - began;
    }
  };
  /** Milliseconds that `task` takes beside its requests, and what it gives. */
  const timed = async (task) => {
    waited = 0;
    const began = performance.now();
    const result = await task();
    return { ms: performance.now() - began - waited, result };
  };
  const worker = await createWorker({ logLevel: 'none' });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const settings = { client: { iceServers: [] } };
  const sending = await peer.createSendTransport(settings);
  const sound = () =>
    new FakeMediaStreamTrack({
      kind: 'audio',
      data: { sourceType: 'file', sourceValue: file, loop: true },
    });
  const source = await sending.produce({ track: sound() });

  const produced = [];
  const producers = [];
  for (let count = 0; count < streams; count += 1) {
    const { ms, result } = await timed(() =>
      sending.produce({ track: sound(), zeroRtpOnPause: true }),
    );
    produced.push(ms);
    producers.push(result);
    // What it sends is not what is measured.
    result.pause();
  }
  for (const producer of producers) producer.close();

  await peer.createRecvTransport(settings);
  const consumed = [];
  const consumers = [];
  const consume = async () => {
    const { ms, result } = await timed(() => peer.consume(source));
    consumed.push(ms);
    consumers.push(result);
  };
  while (consumers.length < streams) await consume();
  const each = consumed.splice(0);
  while (consumers.length > live) consumers.pop().close();

  const rounds = [];
  for (let done = 0; done < cycles; done += step) {
    const began = performance.now();
    for (let count = 0; count < step; count += 1) {
      await consume();
      consumers.pop().close();
    }
    const ms = (performance.now() - began) / step;
    globalThis.gc();
    rounds.push({ ms, megabytes: process.memoryUsage().rss / 2 ** 20 });
  }
  sending.close();
  peer.recvTransport.close();
  worker.close();
  return { produced, consumed: each, rounds };
});
