// The app's signals: none is lost, and none comes that nobody sent.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from './waist/program.js';

/** How a process listens to signals, floods the core, sends itself each signal in turn, and tells what came. */
const listensAnd = (loads: 'before' | 'after') => `
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGPIPE', 'SIGURG', 'SIGWINCH', 'SIGCONT', 'SIGIO',
    'SIGPROF', 'SIGALRM', 'SIGVTALRM', 'SIGQUIT', 'SIGTTIN'];
  const caught = Object.fromEntries(names.map((name) => [name, 0]));
  let next = () => undefined;
  const listen = () => { for (const name of names) process.on(name, () => { caught[name]++; next(); }); };
  ${loads === 'after' ? 'listen();' : ''}
  const b = await bridge();
  ${loads === 'before' ? 'listen();' : ''}
  const { handle } = await b.request(0, Hook.EchoChannel, {});
  b.ref();
  // All processors, and the collector, have work.
  let outstanding = 0;
  const message = new Uint8Array(6_000);
  const fill = () => { for (; outstanding < 20; outstanding++) b.send(handle, message); };
  b.listen(handle, { message: () => { outstanding--; fill(); } });
  fill();
  for (let round = 0; round < 3; round++) {
    for (const name of names) {
      const came = new Promise((resolve) => { next = resolve; });
      process.kill(process.pid, name);
      await came;
    }
  }
  for (let i = 0; i < 200; i++) {
    await Promise.all(Array.from({ length: 20 }, () => b.request(0, Hook.Echo, { text: 'x'.repeat(10_000) })));
  }
  console.log(names.filter((name) => caught[name] !== 3).map((name) => name + ' ' + caught[name]).join());
  process.exit();
`;

describe('listeners to signals', () => {
  for (const [loads, when] of [
    ['after', 'before the core is loaded'],
    ['before', 'after it'],
  ] as const) {
    it(`that are added ${when} get each signal that is sent, and no other`, async () => {
      const { code, stdout, stderr } = await runProgram(listensAnd(loads));
      assert.deepEqual(
        { code, stdout: stdout.trim(), stderr },
        { code: 0, stdout: '', stderr: '' },
      );
    });
  }
});
