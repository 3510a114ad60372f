// The core is there and answers: to mediasoup-client's Device, and to a Worker.
/* global Response */
import { Device } from 'mediasoup-client';
import { createFactory, createWorker, version } from 'mediasoup-client-pion';

export const dynamic = 'force-dynamic';

const opus = {
  kind: 'audio',
  mimeType: 'audio/opus',
  preferredPayloadType: 100,
  clockRate: 48000,
  channels: 2,
};

export async function GET() {
  try {
    const device = new Device({ handlerFactory: createFactory() });
    await device.load({ routerRtpCapabilities: { codecs: [opus] } });
    const worker = await createWorker();
    const { players } = await worker.dump();
    worker.close();
    return Response.json({ version, players, produces: device.canProduce('audio') });
  } catch ({ code, message }) {
    return Response.json({ code, message }, { status: 500 });
  }
}
