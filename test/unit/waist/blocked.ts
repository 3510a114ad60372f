// A program whose JavaScript thread is blocked while its Worker logs and changes states as often as the argument says.
import '../../hooks/load.js';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
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
const blocked = new Int32Array(new SharedArrayBuffer(4));

/** Does nothing until a flood has ended. Gives how much memory there was at the most. */
function sitOut(flood: { lines: number; states: number }): number {
  const done = path.join(mkdtempSync(path.join(os.tmpdir(), 'flood-')), 'done');
  bridge.request(handle, Hook.WorkerFlood, { ...flood, done }).catch(console.error);
  let highest = 0;
  while (!existsSync(done)) {
    Atomics.wait(blocked, 0, 0, 50);
    highest = Math.max(highest, process.memoryUsage.rss());
  }
  rmSync(path.dirname(done), { recursive: true });
  return highest;
}

sitOut({ lines: 100, states: 0 });
await worker.getMetrics();
const before = process.memoryUsage.rss();
const highest = sitOut({ lines: count, states: count });
// It is answered behind all that waits.
const { thread, worker: own } = await worker.getMetrics();
// With its end it tells of what was left out, if it has not yet.
worker.close();
await once(worker as never, 'subprocessclose');
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
