// What holds bytes is sent as it is, on every Node.js, and what arrives belongs to JavaScript alone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodePrograms } from '../../scripts/lib/node-versions.mjs';
import { runProgram } from './waist/program.js';

/** Where half floats are, or can be had. */
const flagsOf = (major: number): string[] => (major === 22 ? ['--js-float16array'] : []);

const program = `
  import assert from 'node:assert/strict';
  import vm from 'node:vm';
  const content = Uint8Array.from({ length: 16 }, (_, i) => 200 - i);
  const bytes = (length = 16, from = 0) => content.slice(from, from + length);
  const none = new Uint8Array();
  const buffer = () => bytes().buffer;
  const fill = (made) => (new Uint8Array(made).set(content), made);
  const cases = new Map();

  const kinds = ['Uint8Array', 'Int8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
    'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView', 'Buffer'];
  const hasHalf = typeof Float16Array === 'function';
  if (hasHalf) kinds.push('Float16Array');
  const viewOf = (realm, kind, ...args) => kind === 'Buffer' ? Buffer.from(...args) : new realm[kind](...args);
  const shared = () => fill(new SharedArrayBuffer(16));
  const detached = (made) => (structuredClone(made.buffer ?? made, { transfer: [made.buffer ?? made] }), made);
  const other = vm.runInNewContext('globalThis');
  const resizable = () => fill(new ArrayBuffer(16, { maxByteLength: 32 }));
  const growable = () => fill(new SharedArrayBuffer(16, { maxByteLength: 32 }));
  for (const kind of kinds) {
    const size = globalThis[kind].BYTES_PER_ELEMENT ?? 1;
    const whole = (made) => viewOf(globalThis, kind, made);
    cases.set(kind, [whole(buffer()), bytes()]);
    cases.set(kind + ', a part', [viewOf(globalThis, kind, buffer(), 8, 8 / size), bytes(8, 8)]);
    cases.set(kind + ', empty', [viewOf(globalThis, kind, buffer(), 8, 0), none]);
    cases.set(kind + ', shared', [whole(shared()), bytes()]);
    cases.set(kind + ', growable', [whole(growable()), bytes()]);
    cases.set(kind + ', resizable', [whole(resizable()), bytes()]);
    const outside = viewOf(globalThis, kind, resizable(), 8, 8 / size);
    outside.buffer.resize(8);
    cases.set(kind + ', out of bounds', [outside, none]);
    cases.set(kind + ', detached', [detached(whole(buffer())), none]);
    if (kind === 'Buffer') continue;
    const shrunk = whole(resizable());
    shrunk.buffer.resize(8);
    cases.set(kind + ', shrunk', [shrunk, bytes(8)]);
    const theirs = new other.ArrayBuffer(16);
    new Uint8Array(theirs).set(content);
    cases.set(kind + ', of another realm', [viewOf(other, kind, theirs), bytes()]);
  }
  const lying = new Int32Array(buffer());
  Object.defineProperty(lying, 'length', { value: 1 << 20 });
  Object.defineProperty(lying, 'BYTES_PER_ELEMENT', { value: 1 << 20 });
  cases.set('a view that lies', [lying, bytes()]);
  cases.set('of the pool', [Buffer.from(content), bytes()]);
  cases.set('an ArrayBuffer', [buffer(), bytes()]);
  cases.set('an ArrayBuffer, detached', [detached(buffer()), none]);
  cases.set('an ArrayBuffer, resizable', [resizable(), bytes()]);
  cases.set('an ArrayBuffer of another realm', [fill(new other.ArrayBuffer(16)), bytes()]);

  const opened = await bridge();
  const { handle } = await opened.request(0, Hook.EchoChannel, {});
  opened.ref();
  const came = [];
  const all = new Promise((resolve) => {
    opened.listen(handle, { message: (data) => { if (came.push(data) === cases.size) resolve(); } });
  });
  for (const [name, [data]] of cases) {
    try {
      opened.send(handle, data);
    } catch (error) {
      throw new Error(name, { cause: error });
    }
  }
  await all;
  opened.unref();
  for (const [i, [name, [, expected]]] of [...cases].entries()) {
    assert.ok(came[i] instanceof ArrayBuffer, name);
    assert.deepEqual(new Uint8Array(came[i]), expected, name);
  }
  await opened.request(handle, Hook.EchoClose, {});
  console.log(JSON.stringify({ major: parseInt(process.versions.node), hasHalf }));
`;

describe('bytes of every kind of view arrive whole', () => {
  for (const { major, program: node } of nodePrograms()) {
    it(`on Node.js ${major}`, async () => {
      const { stdout, stderr } = await runProgram(program, { node, flags: flagsOf(major) });
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout), { major, hasHalf: major >= 22 });
    });
  }
});
