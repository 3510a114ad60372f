// Threads that end while they hold frames: all of their memory is given back, what is lent of it as well.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Field, FrameKind } from '../../lib/frames/head.js';
import { nativeFolder } from '../unit/waist/native.js';

const THREADS = 60;
const MEGABYTE = 1024 * 1024;
const addon = JSON.stringify(path.join(nativeFolder, 'mscp.node'));

/** Holds ten pictures of 4 MB, some of them lent, and copies one on another thread. */
const holding = `
  const { parentPort } = require('node:worker_threads');
  const native = require(${addon}).open(() => {});
  const bytes = new Uint8Array(4 * ${MEGABYTE});
  globalThis.kept = [];
  for (let i = 0; i < 10; i++) {
    native.frame.fill(0);
    native.frame[${Field.kind}] = ${FrameKind.Video};
    native.frame[${Field.format}] = 5;
    native.frame[${Field.width}] = native.frame[${Field.height}] = 1024;
    if (native.frameMake(bytes) !== 0) throw new Error('not made');
    const token = native.frame[${Field.token}];
    if (i % 2 === 0) kept.push(native.framePlane(token, 0));
    if (i % 4 === 0) native.frameRelease(token);
  }
  native.frameConvert(10, bytes.length);
  parentPort.postMessage(kept[0].byteLength);
  setInterval(() => {}, 1000);
`;

describe('threads that hold frames', () => {
  it(`come and go ${THREADS} times, and leave nothing`, async () => {
    const run = async (): Promise<void> => {
      const thread = new Worker(holding, { eval: true });
      assert.deepEqual(await once(thread, 'message'), [4 * MEGABYTE]);
      await thread.terminate();
    };
    for (let i = 0; i < 10; i++) await run();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < THREADS; i++) await run();
    const grown = (process.memoryUsage().rss - before) / MEGABYTE;
    // What would be left of each is 40 MB.
    assert.ok(grown < 300, `${grown.toFixed(0)} MB more`);
  });
});
