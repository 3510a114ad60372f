// A program whose JavaScript thread is blocked while its Worker logs and changes states as often as the argument says.
import '../../hooks/load.js';
import { mock } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Bridge } from '../../../lib/bridge.js';
import { createWorker } from '../../../lib/createWorker.js';
import { Event } from '../../../lib/wire.js';
import { openHooked } from '../../hooks/load.js';
import { Hook } from '../../hooks/messages.js';

const count = Number(process.argv[2]);
const bridge = openHooked();
const listen = mock.method(Bridge.prototype, 'listen');
const worker = await createWorker({ logLevel: 'debug' });
const [handle, listener] = listen.mock.calls[0]?.arguments ?? [0, {}];
listen.mock.restore();

let states = 0;
let lastState = '';
bridge.listen(handle, {
  ...listener,
  event: (...args) => {
    const [event, body] = args;
    if (event === Event.PeerConnectionState) {
      states++;
      lastState = body.state;
    } else if (event < 65536)
      listener.event?.(...(args as Parameters<NonNullable<typeof listener.event>>));
  },
});
await bridge.request(handle, Hook.WorkerFlood, { lines: 100, states: 0 });
await setTimeout(500);

const blocked = new Int32Array(new SharedArrayBuffer(4));
const flood = bridge.request(handle, Hook.WorkerFlood, { lines: count, states: count });
const before = process.memoryUsage.rss();
let highest = before;
// The core has ended its flood when it uses no more time.
for (let idle = 0, last = 0; idle < 4;) {
  Atomics.wait(blocked, 0, 0, 250);
  highest = Math.max(highest, process.memoryUsage.rss());
  const { user } = process.cpuUsage();
  idle = user - last < 20_000 ? idle + 1 : 0;
  last = user;
}
const asked = worker.getMetrics();
await flood;
const { thread } = await asked;
// The log tells of what was left out a second later.
await setTimeout(1500);
const { worker: own } = await worker.getMetrics();
worker.close();
console.log(
  JSON.stringify({
    grown: highest - before,
    queuedBytes: thread.queuedBytes,
    logLinesDropped: own.logLinesDropped,
    eventsMerged: thread.eventsMerged,
    lastState,
    states,
  }),
);
