// A process that counts its goroutines without and with bots that pass a clip through. Only the inside of the library can
// tell them, so it is loaded from its sources.
import { Device } from 'mediasoup-client';
import { createWorker } from '../../lib/index.js';
import { Holdings } from '../../test/e2e/holdings.js';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { serveChild } from '../measure/child.mjs';

const SETTLED_WITHIN_MS = 6000;

type Task = { file: string; bots: number };

serveChild(async ({ file, bots }: Task, { request }) => {
  const holdings = new Holdings();
  const worker = await createWorker({ logLevel: 'none' });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const constraint = { source: 'file', file, loop: true, decode: false } as const;

  async function addBots(count: number): Promise<number> {
    for (let bot = 0; bot < count; bot++) {
      const stream = await worker.getUserMedia({ audio: constraint, video: constraint });
      const transport = await peer.createSendTransport({ client: { iceServers: [] } });
      for (const track of stream.getTracks()) await transport.produce({ track });
    }
    let goroutines = 0;
    for (const [name, number] of await holdings.settled(SETTLED_WITHIN_MS)) {
      if (name.startsWith('goroutine ')) goroutines += number;
    }
    return goroutines;
  }

  // The first opens the file, which the others share.
  const first = await addBots(1);
  const all = await addBots(bots);
  peer.close();
  worker.close();
  return { each: (all - first) / bots };
});
