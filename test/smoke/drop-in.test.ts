// Apps of mediasoup-client-aiortc, in drop-in/, run unchanged: that name in node_modules is this package, as
//
//   "dependencies": { "mediasoup-client-aiortc": "npm:mediasoup-client-pion" }
//
// makes it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createRoom } from '../e2e/support/room.mjs';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const apps = path.join(import.meta.dirname, 'drop-in');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const clip: string = fixturePath('bars-440hz.mp4');
const folder = mkdtempSync(path.join(os.tmpdir(), 'drop-in-'));

/** A project with the apps in it, in which mediasoup-client-aiortc is what is given. */
function project(name: string, aiortc: string): string {
  const at = path.join(folder, name);
  cpSync(apps, at, { recursive: true });
  mkdirSync(path.join(at, 'node_modules'));
  const installed = path.join(root, 'node_modules');
  for (const [dependency, target] of [
    ['mediasoup-client-aiortc', aiortc],
    ['mediasoup-client', path.join(installed, 'mediasoup-client')],
    ['fake-mediastreamtrack', path.join(installed, 'fake-mediastreamtrack')],
    ['@types', path.join(installed, '@types')],
  ] as const) {
    symlinkSync(target, path.join(at, 'node_modules', dependency));
  }
  return at;
}

/** What the compiler says of apps. */
function compile(at: string, files: string[], options: object = {}): string[] {
  const config = {
    compilerOptions: {
      strict: true,
      skipLibCheck: true,
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: ['node'],
      module: 'node16',
      outDir: path.join(at, 'out'),
      ...options,
    },
    files,
  };
  writeFileSync(path.join(at, 'tsconfig.json'), JSON.stringify(config));
  const arguments_ = [tsc, '--project', at, '--pretty', 'false'];
  const { error, stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
  if (error) throw error;
  return stdout.split('\n').filter(Boolean);
}

type Report = Record<string, unknown>;

/** Runs an app in a room of its own until its media is at the server; gives what it says at its end. */
async function run(app: string, source: string): Promise<Report> {
  const room = await createRoom();
  const signalling = await serveRoom(room);
  const child = spawn(process.execPath, [app, signalling.url, source], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 90_000,
  });
  try {
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (line !== 'sending') {
        lines.push(line);
        continue;
      }
      for (const producer of room.server.producers.values()) {
        const tap = await room.plainTap(producer);
        await tap.packets(20, { timeoutMs: 30_000 });
        await tap.close();
      }
      child.stdin.end('go on\n');
    }
    // It exits by itself.
    const outcome = await ended;
    const states = [...room.server.transports.values()].map(
      ({ iceState, dtlsState, sctpState }) => `${iceState}, ${dtlsState}, ${sctpState}`,
    );
    const said = [...lines, complaint, 'transports of the server:', ...states].join('\n');
    assert.deepEqual(outcome, [0, null], said);
    assert.equal(lines.length, 1, lines.join('\n'));
    return JSON.parse(lines[0] ?? '') as Report;
  } finally {
    child.kill('SIGKILL');
    await signalling.close();
    await room.close();
  }
}

let here: string;
before(() => {
  here = project('pion', root);
});
after(() => {
  rmSync(folder, { recursive: true });
});

const atTheEnd = { events: [], closed: [true, false, true] };
const dump = ['handlers', 'pid', 'players'];

describe('an app of mediasoup-client-aiortc', () => {
  it('names that package alone', () => {
    for (const name of readdirSync(apps).filter((file) => !file.endsWith('.json'))) {
      assert.doesNotMatch(readFileSync(path.join(apps, name), 'utf8'), /pion/, name);
    }
  });

  it('of 3.16 runs unchanged, in JavaScript', async () => {
    const { events, ...report } = await run(
      path.join(here, 'worker-app.mjs'),
      pathToFileURL(clip).href,
    );
    assert.deepEqual(report, {
      classes: [true, true],
      pid: 'number',
      tracks: ['audio live', 'video live'],
      producers: ['audio', 'video'],
      consumer: ['video', 'video', 'live'],
      received: ['hello', [1, 2, 3]],
      dump,
      closed: atTheEnd.closed,
    });
    assert.deepEqual((events as string[]).slice(0, 2), ['send connecting', 'send connected']);
  });

  it('of 3.16 compiles and runs unchanged, in TypeScript', async () => {
    assert.deepEqual(compile(here, ['worker-app.ts']), []);
    const report = await run(path.join(here, 'out', 'worker-app.js'), pathToFileURL(clip).href);
    assert.deepEqual(report, {
      pid: 'number',
      producers: ['audio', 'video'],
      transports: 1,
      dump,
      ...atTheEnd,
    });
  });

  it('of 3.16 is one that compiles with the package itself', () => {
    const old = project('aiortc', path.join(root, 'node_modules', 'mediasoup-client-aiortc'));
    assert.deepEqual(compile(old, ['worker-app.ts'], { noEmit: true }), []);
  });

  it('of 3.0 runs unchanged, in JavaScript', async () => {
    assert.deepEqual(await run(path.join(here, 'factory-app.cjs'), clip), {
      producers: ['audio', 'video'],
      level: 'undefined',
    });
  });

  it('of 3.0 compiles and runs unchanged, in TypeScript', async () => {
    assert.deepEqual(compile(here, ['factory-app.ts']), []);
    assert.deepEqual(await run(path.join(here, 'out', 'factory-app.js'), clip), {
      producers: ['audio', 'video'],
      level: 'warn',
    });
  });

  it('compiles for a bundler too', () => {
    const options = { module: 'esnext', moduleResolution: 'bundler', noEmit: true };
    assert.deepEqual(compile(here, ['worker-app.ts', 'factory-app.ts'], options), []);
  });
});
