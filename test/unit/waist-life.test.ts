// When the process ends, and what it goes on doing while the core is in it.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { runProgram } from './waist/program.js';

async function succeeds(source: string, flags?: string[]): Promise<string> {
  const { code, signal, stdout, stderr } = await runProgram(source, flags ? { flags } : {});
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return stdout.trim();
}

describe('the process', () => {
  it('exits by itself when the bridge is open and nothing is awaited', async () => {
    await succeeds('await bridge()');
  });

  it('lives until a request is answered, and exits by itself', async () => {
    const output = await succeeds(`
      const b = await bridge();
      b.request(0, Hook.Echo, { text: 'answered' }).then(({ text }) => console.log(text));
    `);
    assert.equal(output, 'answered');
  });

  it('lives as long as somebody holds the bridge', async () => {
    const output = await succeeds(`
      const b = await bridge();
      const { handle } = await b.request(0, Hook.EchoChannel, {});
      b.ref();
      b.listen(handle, { message: (data) => { console.log(data); b.unref(); } });
      b.send(handle, 'came');
    `);
    assert.equal(output, 'came');
  });

  it('exits by itself with open handles that nobody holds', async () => {
    await succeeds(`
      const b = await bridge();
      await b.request(0, Method.WorkerCreate, { logLevel: 'none' });
      const { handle } = await b.request(0, Hook.EchoChannel, {});
      b.send(handle, 'x');
    `);
  });

  it('exits by process.exit() in the middle of a flood', async () => {
    await succeeds(`
      const b = await bridge();
      const { handle } = await b.request(0, Hook.EchoChannel, {});
      b.request(handle, Hook.EchoBurst, { events: 1e6, messages: 1e6, size: 1200 });
      let seen = 0;
      b.listen(handle, { message: () => { if (++seen === 5000) process.exit(); } });
    `);
  });

  // libuv's handler would run there, on the stack of a goroutine that has no room for it.
  it('keeps SIGCHLD off the threads of goroutines', async () => {
    const output = await succeeds(`
      const fs = await import('node:fs');
      const threads = () => fs.readdirSync('/proc/self/task');
      const takes = (thread) => {
        const status = fs.readFileSync('/proc/self/task/' + thread + '/status', 'utf8');
        const blocked = BigInt('0x' + /^SigBlk:\\s*([0-9a-f]+)$/m.exec(status)[1]);
        return (blocked & (1n << 16n)) === 0n;
      };
      // The threads of Node's own that come with the first use.
      await Promise.all(Array.from({ length: 8 }, () => fs.promises.readFile('/dev/null')));
      const before = new Set(threads());
      const b = await bridge();
      const made = Array.from({ length: 20 }, () => b.request(0, Method.WorkerCreate, { logLevel: 'none' }));
      await Promise.all(made);
      const added = threads().filter((thread) => !before.has(thread));
      console.log(added.length, added.filter(takes).length);
    `);
    const [added, open] = output.split(' ').map(Number);
    assert.ok(added !== undefined && added > 6, output);
    // Two run on stacks of the system's.
    assert.ok(open !== undefined && open <= 2, output);
  });

  it('reports an error that a listener throws', async () => {
    const { code, stderr } = await runProgram(`
      const b = await bridge();
      const { handle } = await b.request(0, Hook.EchoChannel, {});
      b.ref();
      b.listen(handle, { message: () => { throw new Error('deliberate'); } });
      b.send(handle, 'x');
    `);
    assert.equal(code, 1);
    assert.match(stderr, /Error: deliberate/);
  });

  it('lives through a panic', async () => {
    const output = await succeeds(`
      const b = await bridge();
      const { handle } = await b.request(0, Method.WorkerCreate, { logLevel: 'none' });
      b.ref();
      b.listen(handle, {
        event: (event) => { if (event === Event.WorkerDied) console.log('died'); },
        closed: () => b.unref(),
      });
      await b.request(handle, Hook.WorkerPanic, {});
    `);
    assert.equal(output, 'died');
  });

  it('may load the package twice', async () => {
    const output = await succeeds(`
      const { Bridge } = await import('./lib/bridge.ts');
      const { Bridge: Other } = await import('./lib/bridge.ts?again');
      const [a, b] = [Bridge.open(), Other.open()];
      console.log(a === b, Bridge.open() === a);
      await Promise.all([a, b].map((c) => c.request(0, Method.EnvironmentBuild, {})));
    `);
    assert.equal(output, 'false true');
  });
});

describe('Node’s own', () => {
  it('SIGTERM ends it', async () => {
    const { signal } = await runProgram(
      `(await bridge()).ref(); process.kill(process.pid, 'SIGTERM');`,
    );
    assert.equal(signal, 'SIGTERM');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGHUP', 'SIGWINCH', 'SIGPIPE']) {
    it(`${signal} handlers run, also in the middle of a flood`, async () => {
      const output = await succeeds(`
        const b = await bridge();
        const { handle } = await b.request(0, Hook.EchoChannel, {});
        const message = new Uint8Array(1200);
        let outstanding = 0;
        const fill = () => { for (; outstanding < 200; outstanding++) b.send(handle, message); };
        b.ref();
        b.listen(handle, { message: () => { outstanding--; if (caught < 20) fill(); } });
        let caught = 0;
        const timer = setInterval(() => process.kill(process.pid, '${signal}'), 5);
        process.on('${signal}', () => {
          if (++caught === 20) { clearInterval(timer); b.unref(); console.log('caught'); }
        });
        fill();
      `);
      assert.equal(output, 'caught');
    });
  }

  it('signals never go to a thread of Go', { skip: process.platform !== 'linux' }, async () => {
    const output = await succeeds(`
      const { readdirSync, readFileSync } = await import('node:fs');
      const blocked = () => new Map(readdirSync('/proc/self/task').map((id) => {
        const [, mask] = /SigBlk:\\s*(\\w+)/.exec(readFileSync('/proc/self/task/' + id + '/status', 'utf8'));
        return [id, BigInt('0x' + mask)];
      }));
      const { setTimeout: sleep } = await import('node:timers/promises');
      await sleep(10);
      const before = blocked();
      const b = await bridge();
      await Promise.all(Array.from({ length: 1000 }, () => b.request(0, Hook.Echo, { text: '' })));
      const { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH } = (await import('node:os')).constants.signals;
      const shielded = [SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];
      const added = [...blocked()].filter(([id]) => !before.has(id));
      const open = added.filter(([, mask]) => shielded.some((signal) => !(mask >> BigInt(signal - 1) & 1n)));
      console.log(added.length > 2, open.length);
    `);
    assert.equal(output, 'true 0');
  });

  it('child processes run and end', async () => {
    const output = await succeeds(`
      const { execFile, execFileSync } = await import('node:child_process');
      const { promisify } = await import('node:util');
      const b = await bridge();
      await b.request(0, Hook.Echo, { text: '' });
      const children = Array.from({ length: 20 }, (_, i) => promisify(execFile)('echo', [String(i)]));
      const outputs = await Promise.all(children);
      console.log(outputs.map(({ stdout }) => Number(stdout)).join(), execFileSync('echo', ['sync']).toString());
    `);
    assert.equal(output, `${Array.from({ length: 20 }, (_, i) => i).join()} sync`);
  });

  it('children get every signal', async () => {
    const output = await succeeds(`
      const { spawn } = await import('node:child_process');
      const b = await bridge();
      await b.request(0, Hook.Echo, { text: '' });
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGPIPE', 'SIGUSR1']) {
        const child = spawn('sleep', ['60']);
        await new Promise((resolve) => child.once('spawn', resolve));
        child.kill(signal);
        const [, by] = await new Promise((resolve) => child.once('exit', (...args) => resolve(args)));
        console.log(by);
      }
    `);
    assert.deepEqual(output.split('\n'), ['SIGINT', 'SIGTERM', 'SIGPIPE', 'SIGUSR1']);
  });

  it('a write to a closed pipe is EPIPE', async () => {
    const output = await succeeds(`
      const { spawn } = await import('node:child_process');
      const b = await bridge();
      await b.request(0, Hook.Echo, { text: '' });
      const child = spawn('sh', ['-c', 'exec 0<&-; echo closed; sleep 1']);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      child.stdin.on('error', ({ code }) => console.log(code));
      child.stdin.write('x'.repeat(1 << 20));
    `);
    assert.equal(output, 'EPIPE');
  });

  it('WebAssembly traps are RuntimeErrors', async () => {
    const output = await succeeds(`
      const b = await bridge();
      await b.request(0, Hook.Echo, { text: '' });
      // (module (memory 1) (func (export "f") (param i32) (result i32) local.get 0 i32.load))
      const bytes = Uint8Array.from(atob(
        'AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAQcFAQFmAAAKCQEHACAAKAIACw=='), (c) => c.charCodeAt(0));
      const { instance } = await WebAssembly.instantiate(bytes);
      try { instance.exports.f(0x7fffffff); } catch (error) { console.log(error.name, error.message); }
      await b.request(0, Hook.Echo, { text: '' });
    `);
    assert.equal(output, 'RuntimeError memory access out of bounds');
  });

  it('--cpu-prof writes its profile', async (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-prof-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    await succeeds(
      `
      const b = await bridge();
      const { handle } = await b.request(0, Hook.EchoChannel, {});
      b.listen(handle, { message: () => undefined });
      await b.request(handle, Hook.EchoBurst, { events: 1e5, messages: 1e5, size: 1200 });
      for (let i = 0; i < 1e5; i++) b.query(handle, Query.BufferedAmount);
      `,
      ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=100'],
    );
    assert.ok(readdirSync(folder).some((name) => name.endsWith('.cpuprofile')));
  });
});
