// A process that receives what others send and reads none of it: more and more consumers, on many transports.
import { Device } from 'mediasoup-client';
import { createWorker } from '../../dist/index.mjs';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { serveChild } from '../measure/child.mjs';

/** Consumers on one transport: about as many as a meeting shows. */
const TOGETHER = 25;
/** Of the server's probator, which probes with numbers that jump: nothing of it is lost. */
const PROBATOR_SSRC = 1234;

serveChild(async ({ stages }, { request, tell }) => {
  const worker = await createWorker({ logLevel: 'none' });
  const device = new Device({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const { producers } = await request('listProducers');
  const videos = producers.filter(({ kind }) => kind === 'video');
  const transports = [];
  let consumers = 0;

  /** What came and what is missing, on all transports. */
  async function received() {
    const sum = { packets: 0, lost: 0, bytes: 0 };
    for (const transport of transports) {
      for (const stats of (await transport.getStats()).values()) {
        if (stats.type !== 'inbound-rtp' || stats.ssrc === PROBATOR_SSRC) continue;
        sum.packets += stats.packetsReceived;
        sum.lost += stats.packetsLost;
        sum.bytes += stats.bytesReceived;
      }
    }
    return sum;
  }

  for (const wanted of stages) {
    while (consumers < wanted) {
      const transport = await peer.createRecvTransport({ client: { iceServers: [] } });
      transports.push(transport);
      for (let each = 0; each < TOGETHER && consumers < wanted; each++) {
        await peer.consume(videos[consumers % videos.length], { transport });
        consumers++;
      }
    }
    await tell({ consumers, settle: true });
    const before = await received();
    const { span, enough } = await tell({ consumers });
    const after = await received();
    await tell({
      consumers,
      lost: Math.max(after.lost - before.lost, 0) / (after.packets - before.packets),
      kbits: (8 * (after.bytes - before.bytes)) / span / consumers / 1000,
    });
    if (enough) break;
  }
  peer.close();
  worker.close();
  return {};
});
