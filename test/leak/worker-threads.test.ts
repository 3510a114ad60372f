// Worker threads that come and go, each with an environment of the core.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Frame, methodNumbers } from '../../lib/wire.js';
import { hookNumbers, hookedFolder } from '../hooks/messages.js';

const THREADS = 100;
const addon = JSON.stringify(path.join(hookedFolder, 'mscp.node'));

/** Opens the core, floods it both ways, and says so once messages come back. */
const flooding = `
  const { parentPort } = require('node:worker_threads');
  const view = (batch) => new DataView(batch);
  let handle = 0, told = false;
  const native = require(${addon}).open(() => {
    for (let length = native.poll(), turns = 0; length > 0 && turns < 8; length = native.poll(), turns++) {
      const records = view(native.batch);
      for (let at = 0; at < length; at += records.getUint32(at, true)) {
        const type = records.getUint8(at + 4);
        if (type === 1 && handle === 0) {
          const end = at + 24 + records.getUint32(at + 20, true);
          handle = JSON.parse(Buffer.from(native.batch).toString('utf8', at + 24, end)).handle;
          native.call(2, handle, ${hookNumbers.EchoBurst}, JSON.stringify({ events: 1e6, messages: 1e6, size: 1200 }));
          native.call(3, 0, ${methodNumbers.WorkerCreate}, JSON.stringify({ logLevel: 'none' }));
        } else if (type === 5) {
          if (records.getUint8(at + 5) === ${Frame.FlagLent}) {
            const length = records.getFloat64(at + 32, true);
            if (native.take(records.getFloat64(at + 24, true), new Uint8Array(length)) !== 0) throw new Error('not taken');
          }
          if (!told) { told = true; parentPort.postMessage('flooded'); }
        }
      }
    }
    setImmediate(() => { for (let i = 0; i < 10; i++) native.send(handle, new Uint8Array(100_000), false); });
  });
  native.keepAlive(true);
  native.call(1, 0, ${hookNumbers.EchoChannel}, '{}');
`;

const exiting = `
  const { parentPort } = require('node:worker_threads');
  const native = require(${addon}).open(() => {
    if (native.poll() > 0) { parentPort.postMessage('answered'); native.keepAlive(false); }
  });
  native.keepAlive(true);
  native.call(1, 0, ${hookNumbers.Echo}, '{"text":"x"}');
`;

/** Loads the addon and opens the core again and again, until it is terminated: most likely within the addon. */
const opening = `
  const { parentPort } = require('node:worker_threads');
  parentPort.postMessage('opens');
  for (;;) {
    const native = require(${addon}).open(() => {});
    native.keepAlive(true);
    native.keepAlive(false);
  }
`;

type Thread = { worker: Worker; exited: Promise<number> };

/** Resolves with the first message of the thread. */
function started(source: string): Promise<Thread> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(source, { eval: true });
    const exited = new Promise<number>((exit) => worker.once('exit', exit));
    worker.once('message', () => {
      resolve({ worker, exited });
    });
    worker.once('error', reject);
  });
}

async function terminateHalfWay(): Promise<void> {
  const { worker } = await started(flooding);
  await worker.terminate();
}

async function exitByItself(): Promise<void> {
  const { exited } = await started(exiting);
  assert.equal(await exited, 0);
}

/** Runs it many times, and returns the megabytes that the second half of them added. */
async function growth(run: () => Promise<void>): Promise<number> {
  let middle = 0;
  for (let i = 0; i < THREADS; i++) {
    if (i === THREADS / 2) middle = process.memoryUsage.rss();
    await run();
  }
  return (process.memoryUsage.rss() - middle) / 1e6;
}

describe(`${THREADS} worker threads`, () => {
  it('terminated half-way leave nothing', async () => {
    const grown = await growth(terminateHalfWay);
    assert.ok(grown < 50, `${grown} MB more`);
  });

  it('terminated while they open the core do not end the process', async () => {
    for (let i = 0; i < 30; i++) {
      const { worker } = await started(opening);
      await new Promise((resolve) => setTimeout(resolve, i % 10));
      await worker.terminate();
    }
  });

  it('that exit by themselves leave nothing', async () => {
    const grown = await growth(exitByItself);
    assert.ok(grown < 50, `${grown} MB more`);
  });

  it('side by side do not disturb each other', async () => {
    await Promise.all(Array.from({ length: 16 }, terminateHalfWay));
    await Promise.all(Array.from({ length: 16 }, exitByItself));
  });
});
