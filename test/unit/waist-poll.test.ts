// A poll that fails is tried again, and its end is told to whom it concerns.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from './waist/program.js';

/** Makes the next polls fail as often as `failing` says: an addon around the addon. */
const prelude = `
  import Module from 'node:module';
  let failing = 0;
  const load = Module._extensions['.node'];
  Module._extensions['.node'] = (module, file) => {
    load(module, file);
    const { open } = module.exports;
    module.exports = {
      open: (onRing) => {
        const native = open(onRing);
        return { ...native, poll: () => (failing > 0 ? (failing--, -7) : native.poll()) };
      },
    };
  };
  const opened = await bridge();
`;

describe('a poll that fails', () => {
  for (const times of [1, 2]) {
    it(`${times} times in a row is tried again: nothing is lost`, async () => {
      const { stdout, stderr, code } = await runProgram(`${prelude}
        failing = ${times};
        const text = 'x'.repeat(100_000);
        const { handle } = await opened.request(0, Hook.EchoChannel, {});
        failing = ${times};
        const echo = await opened.request(0, Hook.Echo, { text });
        console.log(echo.text === text);
      `);
      assert.deepEqual({ stdout, stderr, code }, { stdout: 'true\n', stderr: '', code: 0 });
    });
  }

  it('for good refuses what waits, what comes, and ends Workers as died', async () => {
    const { stdout, stderr, code } = await runProgram(`${prelude}
      const { createWorker } = await import('./lib/index.ts');
      const worker = await createWorker();
      const ended = [];
      worker.on('died', (error) => ended.push(error.message));
      worker.on('subprocessclose', () => ended.push('subprocessclose'));
      failing = Infinity;
      const refusals = [];
      const ask = () => opened.request(0, Hook.Echo, { text: '' })
        .catch((error) => refusals.push(error.message));
      await Promise.all([ask(), ask()]);
      await ask();
      await worker.dump().catch((error) => refusals.push(error.name));
      console.log(JSON.stringify({ refusals, ended, closed: worker.closed, died: worker.died }));
    `);
    assert.deepEqual([stderr, code], ['', 0]);
    const message = 'polling: the core recovered from a fault';
    assert.deepEqual(JSON.parse(stdout), {
      refusals: [message, message, message, 'InvalidStateError'],
      ended: [`the Worker died: ${message}`, 'subprocessclose'],
      closed: true,
      died: true,
    });
  });
});
