import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, it, mock } from 'node:test';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { Bridge } from '../../lib/bridge.js';
import { createFactory, createWorker, Worker } from '../../lib/index.js';
import type { WorkerLogLevel } from '../../lib/index.js';
import { openHooked } from '../hooks/load.js';
import { Hook } from '../hooks/messages.js';

const execute = promisify(execFile);
const index = fileURLToPath(new URL('../../lib/index.ts', import.meta.url));
const limit = { timeout: 20_000 };

/** Runs a program with this package until it exits by itself; gives what it printed. */
async function exits(program: string): Promise<string> {
  const { stdout } = await execute(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program.replace('PACKAGE', index)],
    { timeout: 15_000 },
  );
  return stdout.trim();
}

/** A Worker, and a way to make its core panic. */
async function mortalWorker(): Promise<{ worker: Worker; panic: () => Promise<unknown> }> {
  const listen = mock.method(Bridge.prototype, 'listen');
  const worker = await createWorker({ logLevel: 'none' });
  const handle = listen.mock.calls[0]?.arguments[0] ?? 0;
  listen.mock.restore();
  return { worker, panic: () => openHooked().request(handle, Hook.WorkerPanic, {}) };
}

describe('Worker', limit, () => {
  it('is open in this process, and dumps nothing at first', async () => {
    const worker = await createWorker();
    assert.ok(worker instanceof Worker);
    assert.equal(worker.pid, process.pid);
    assert.deepEqual([worker.closed, worker.died, worker.subprocessClosed], [false, false, false]);
    assert.deepEqual(await worker.dump(), { pid: process.pid, players: [], handlers: [] });
    worker.close();
  });

  it('emits @success once it is open, as createWorker() of the replaced package waits for', async () => {
    const worker = new Worker({ logLevel: 'none' });
    const fired: string[] = [];
    for (const name of ['@success', '@failure', 'subprocessclose'] as const) {
      worker.on(name, () => fired.push(name));
    }
    await once(worker as never, '@success');
    assert.deepEqual(fired, ['@success']);
    assert.deepEqual((await worker.dump()).players, []);
    worker.close();
    await once(worker as never, 'subprocessclose');
    assert.deepEqual(fired, ['@success', 'subprocessclose']);
  });

  it('emits neither @success nor @failure if it is closed before', async () => {
    const worker = new Worker({ logLevel: 'none' });
    const fired: string[] = [];
    for (const name of ['@success', '@failure', 'died'] as const) {
      worker.on(name, () => fired.push(name));
    }
    worker.close();
    await once(worker as never, 'subprocessclose');
    assert.deepEqual(fired, []);
  });

  it('emits @failure with the reason when it cannot be opened, and is closed then', async () => {
    const reason = new Error('no room for another');
    const request = mock.method(Bridge.prototype, 'request', () => Promise.reject(reason));
    try {
      const worker = new Worker({ logLevel: 'none' });
      const fired: unknown[] = [];
      worker.on('@success', () => fired.push('@success'));
      worker.on('died', () => fired.push('died'));
      worker.on('@failure', (error) => fired.push(error, worker.closed));
      await once(worker as never, 'subprocessclose');
      assert.deepEqual(fired, [reason, true]);
      assert.deepEqual([worker.died, worker.subprocessClosed], [false, true]);
      await assert.rejects(createWorker(), reason);
    } finally {
      request.mock.restore();
    }
  });

  it('fires subprocessclose once after close(), and not died', async () => {
    const worker = await createWorker();
    const fired: string[] = [];
    worker.on('died', () => fired.push('died'));
    worker.on('subprocessclose', () => fired.push('subprocessclose'));
    const closed = once(worker as never, 'subprocessclose');
    worker.close();
    worker.close();
    assert.equal(worker.closed, true);
    assert.equal(worker.subprocessClosed, false);
    await closed;
    assert.equal(worker.subprocessClosed, true);
    assert.deepEqual(fired, ['subprocessclose']);
    assert.equal(worker.died, false);
  });

  it('fires died with an Error, then subprocessclose, and the process lives on', async () => {
    const { worker, panic } = await mortalWorker();
    const fired: unknown[] = [];
    worker.on('died', (error) => fired.push(error));
    const closed = once(worker as never, 'subprocessclose');
    await panic();
    await closed;
    const [error] = fired as (Error & { code: string })[];
    assert.equal(fired.length, 1);
    assert.ok(error instanceof Error);
    assert.match(error.message, /deliberate panic/);
    assert.equal(error.code, 'ERR_DIED');
    assert.match(error.stack ?? '', /goroutine/);
    assert.deepEqual([worker.closed, worker.died, worker.subprocessClosed], [true, true, true]);
    await assert.rejects(worker.dump(), { name: 'InvalidStateError', code: 'ERR_DIED' });
    const next = await createWorker();
    assert.equal((await next.dump()).pid, process.pid);
    next.close();
  });

  it('refuses by name when it is closed', async () => {
    const worker = await createWorker();
    const factory = worker.createHandlerFactory();
    worker.close();
    const refusal = { name: 'InvalidStateError', code: 'ERR_CLOSED', message: /Worker is closed/ };
    await assert.rejects(worker.dump(), refusal);
    await assert.rejects(worker.getUserMedia({ audio: { source: 'file', file: 'a' } }), refusal);
    assert.throws(() => worker.createHandlerFactory(), refusal);
    await assert.rejects(factory.getNativeRtpCapabilities({ direction: 'sendonly' }), refusal);
    const options = {
      direction: 'recv',
      iceParameters: { usernameFragment: 'user', password: 'password' },
      iceCandidates: [],
      dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AB' }] },
    };
    assert.throws(() => factory.factory(options), refusal);
  });

  it('refuses a wrong setting', async () => {
    const logLevel = 'loud' as WorkerLogLevel;
    const refusal = { name: 'TypeError', message: /logLevel: expected .* got "loud"/ };
    await assert.rejects(createWorker({ logLevel }), refusal);
    const publicOnly = 'yes' as never;
    await assert.rejects(createWorker({ publicOnly }), { message: /publicOnly: .* got "yes"/ });
    await assert.rejects(createWorker(7 as never), { message: /settings: expected an object/ });
    assert.throws(() => createFactory(logLevel), refusal);
  });

  it('keeps every source from private addresses where it is publicOnly', async () => {
    let reached = 0;
    const server = createServer((_request, response) => {
      reached += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const worker = await createWorker({ publicOnly: true });
    const urls = ['http://127.0.0.1', 'http://localhost', 'rtsp://127.0.0.1', 'rtmp://127.0.0.1'];
    for (const base of urls) {
      const url = `${base}:${port}/a/b`;
      const options = { public_only: false };
      for (const video of [
        { source: 'url', url },
        { source: 'url', url, options },
        { source: 'file', file: url },
      ] as const) {
        await assert.rejects(worker.getUserMedia({ video }), {
          name: 'NotAllowedError',
          message: /public_only/,
        });
      }
    }
    const stream = await worker.getUserMedia({
      video: { source: 'file', file: fixturePath('blue.mp4') },
    });
    stream.close();
    worker.close();
    server.close();
    assert.equal(reached, 0);
  });

  it('tells of a file that does not exist, and of one that is no media', async () => {
    const worker = await createWorker();
    await assert.rejects(worker.getUserMedia({ audio: { source: 'file', file: '/none/such' } }), {
      name: 'NotFoundError',
      code: 'ERR_NOT_FOUND',
    });
    await assert.rejects(worker.getUserMedia({ video: { source: 'file', file: index } }), {
      name: 'NotSupportedError',
    });
    assert.deepEqual((await worker.dump()).players, []);
    worker.close();
  });
});

describe('the process', limit, () => {
  it('exits by itself when a Worker is closed, after subprocessclose', async () => {
    const printed = await exits(`
      import { createWorker } from 'PACKAGE';
      const worker = await createWorker();
      worker.on('subprocessclose', () => console.log('subprocessclose'));
      setTimeout(() => { console.log('still here'); worker.close(); }, 300).unref();
    `);
    assert.equal(printed, 'still here\nsubprocessclose');
  });

  it('is not kept by createFactory() and what it is asked before there is a transport', async () => {
    const printed = await exits(`
      import { createFactory } from 'PACKAGE';
      const factory = createFactory();
      const { codecs } = await factory.getNativeRtpCapabilities({ direction: 'recvonly' });
      console.log(factory.name, codecs.length > 5);
    `);
    assert.equal(printed, 'Aiortc true');
  });

  it('is kept by an open transport until it is closed', async () => {
    const printed = await exits(`
      import { createFactory } from 'PACKAGE';
      const handler = createFactory().factory({
        direction: 'send',
        iceParameters: { usernameFragment: 'u', password: 'p' },
        iceCandidates: [],
        dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AB' }] },
        getSendExtendedRtpCapabilities: () => ({}),
      });
      setTimeout(() => { console.log('still here'); handler.close(); }, 300).unref();
    `);
    assert.equal(printed, 'still here');
  });
});
