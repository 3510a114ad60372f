// A program that crashes as its arguments say, for tests:
//   crashing.ts none|map|memory|c|abort|abort elsewhere|abort in a copy|main|heap|throws|listens|died|faults
import './load.js';
import { once } from 'node:events';
import { mock } from 'node:test';
import { createWorker } from '../../lib/createWorker.js';
import { Bridge } from '../../lib/bridge.js';
import { openHooked } from './load.js';
import { CRASHES, Hook } from './messages.js';
import type { CrashName } from './messages.js';

const how = process.argv[2];
const listens = (when: string) => {
  if (how === when) process.once('SIGABRT', () => process.stdin.destroy());
};
listens('listens before');
const listen = mock.method(Bridge.prototype, 'listen');
const worker = await createWorker({ logLevel: 'none' });
const handle = listen.mock.calls[0]?.arguments[0] ?? 0;
listen.mock.restore();
console.log('open');
const hooked = openHooked();
listens('listens');
if (isOfTheCore(how)) await hooked.request(0, Hook.Crash, { how });
if (how === 'main') process.abort();
if (how === 'heap') for (const all: unknown[] = []; ;) all.push(new Array(1e5).fill(all));
if (how === 'throws') {
  setImmediate(() => {
    throw new Error('deliberate');
  });
}
if (how === 'died') {
  const died = once(worker as never, 'died');
  await hooked.request(handle, Hook.WorkerPanic, {});
  await died;
}
if (how === 'faults') {
  // Faults that are no crash: WebAssembly that reads beyond its memory, and Go that recovers.
  const code =
    '0061736d01000000010501600001' +
    '7f03020100050301000107050101660000' +
    '0a0d010b0041ffffffff072802000b';
  const { instance } = await WebAssembly.instantiate(Buffer.from(code, 'hex'));
  const run = instance.exports['f'] as () => number;
  for (let i = 0; i < 1000; i++) {
    try {
      run();
    } catch (error) {
      if (i === 999) console.log(String(error));
    }
  }
  await hooked.request(0, Hook.Crash, { how: 'nil' }).catch((error: unknown) => {
    console.log(String(error));
  });
}
if (how?.startsWith('listens') === true) process.kill(process.pid, 'SIGABRT');
if (how === 'none' || how?.startsWith('listens') === true) {
  await once(process.stdin.resume(), 'close');
}
worker.close();

function isOfTheCore(name: string | undefined): name is CrashName {
  return CRASHES.includes(name as CrashName);
}
