// A process of bots that pass a clip through, each on a transport of its own, more and more of them.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import { createWorker } from '../../dist/index.mjs';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { serveChild } from '../measure/child.mjs';

/** How many bots are on their way to the server at a time. */
const SIDE_BY_SIDE = 5;
/** How often the event loop is looked at, while it is. */
const RESOLUTION_MS = 5;

serveChild(async ({ file, stages }, { request, tell }) => {
  const worker = await createWorker({ logLevel: 'none' });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const constraint = { source: 'file', file, loop: true, decode: false };

  async function addBot() {
    const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
    const transport = await peer.createSendTransport({ client: { iceServers: [] } });
    await transport.produce({ track: stream.getVideoTracks()[0] });
    await transport.produce({ track: stream.getAudioTracks()[0] });
  }

  const result = {};
  let bots = 0;
  for (const { bots: wanted, loopMs = 0 } of stages) {
    while (bots < wanted) {
      const more = Math.min(SIDE_BY_SIDE, wanted - bots);
      await Promise.all(Array.from({ length: more }, addBot));
      bots += more;
    }
    globalThis.gc();
    const { enough = false } = await tell({ bots });
    if (loopMs > 0) result.loopDelayMs = await delayOfLoop(loopMs);
    if (enough) break;
  }
  peer.close();
  worker.close();
  return result;
});

/** The 99th percentile of how much later than asked a timer fires. */
async function delayOfLoop(ms) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  await sleep(ms);
  delay.disable();
  return Math.max(delay.percentile(99) / 1e6 - RESOLUTION_MS, 0);
}
