// Tells Prometheus what a Worker has and does, while it sends a media file to a room. It needs prom-client.
//
//   node examples/prometheus.mjs <room url> <media file> [seconds]
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Device } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-pion';
import { Counter, Gauge, Registry } from 'prom-client';
import { createTransport, signalling } from './signalling.mjs';

const [url, file, seconds = '10'] = process.argv.slice(2);

const register = new Registry();
const updates = [];

/** A number, or one for each value of a label. What only grows is a counter, which Prometheus calls _total. */
function metric(name, help, read, label) {
  const Kind = name.endsWith('_total') ? Counter : Gauge;
  const metric = new Kind({
    name: `mediasoup_client_${name}`,
    help,
    labelNames: label ? [label] : [],
    registers: [register],
  });
  updates.push((metrics) => {
    // A counter can only be added to: it begins at 0 again, and gets all.
    metric.reset();
    const value = read(metrics);
    for (const [key, one] of label ? Object.entries(value) : [[undefined, value]]) {
      metric.inc(label ? { [label]: key } : {}, one);
    }
  });
}

metric('handles', 'What the Worker has open', ({ worker }) => worker.handles, 'kind');
metric('sources', 'Open sources', ({ worker }) => worker.sources);
metric('sockets', 'Open sockets of transports', ({ worker }) => worker.network.sockets);
metric('packets_sent_total', 'Packets sent', ({ worker }) => worker.network.packetsSent);
metric('bytes_sent_total', 'Bytes sent', ({ worker }) => worker.network.bytesSent);
metric('packets_received_total', 'Packets come', ({ worker }) => worker.network.packetsReceived);
metric('bytes_received_total', 'Bytes come', ({ worker }) => worker.network.bytesReceived);
metric('packets_dropped_total', 'Packets not taken', ({ worker }) => worker.network.packetsDropped);
metric('queued_bytes', 'What waits for the JS thread', ({ thread }) => thread.queuedBytes);
metric('held_frame_bytes', 'Frames not closed', ({ thread }) => thread.heldFrameBytes);
metric('goroutines', 'Goroutines of the process', ({ process }) => process.goroutines);
metric('go_heap_bytes', "The process's Go heap", ({ process }) => process.heapBytes);
metric('go_pause_seconds_total', 'Pauses for collections', ({ process }) => process.pauseSeconds);

const worker = await createWorker({ logLevel: 'warn' });
const server = http.createServer(async (request, response) => {
  try {
    const metrics = await worker.getMetrics();
    for (const update of updates) update(metrics);
    response.setHeader('content-type', register.contentType).end(await register.metrics());
  } catch (error) {
    // The Worker is closed, or died.
    response.writeHead(503).end(error.message);
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log(`metrics at http://127.0.0.1:${server.address().port}/metrics`);

const request = signalling(url);
const device = new Device({ handlerFactory: worker.createHandlerFactory() });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
const transport = await createTransport(device, 'send', request);
const source = { source: 'file', file: path.resolve(file), loop: true };
const stream = await worker.getUserMedia({ audio: source, video: source });
for (const track of stream.getTracks()) await transport.produce({ track });
console.log('sending');

await sleep(seconds * 1000);
const { network } = (await worker.getMetrics()).worker;
console.log(`${network.packetsSent} packets, ${network.packetsDropped} dropped`);
server.close();
worker.close();
