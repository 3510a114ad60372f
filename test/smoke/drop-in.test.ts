// Apps of mediasoup-client-aiortc, in drop-in/, run unchanged: that name in node_modules is this package, as
//
//   "dependencies": { "mediasoup-client-aiortc": "npm:mediasoup-client-pion" }
//
// makes it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Room } from '../e2e/support/room.mjs';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { install, root, runApp } from './support/app.js';

const apps = path.join(import.meta.dirname, 'drop-in');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const clip: string = fixturePath('bars-440hz.mp4');
const folder = mkdtempSync(path.join(os.tmpdir(), 'drop-in-'));

/** A project with the apps in it, in which mediasoup-client-aiortc is what is given. */
function project(name: string, aiortc: string): string {
  const at = path.join(folder, name);
  cpSync(apps, at, { recursive: true });
  install(at, aiortc);
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

/** Runs an app until its media is at the server. */
async function run(app: string, source: string): Promise<Record<string, unknown>> {
  const sending = async (room: Room) => {
    for (const producer of room.server.producers.values()) {
      const tap = await room.plainTap(producer);
      await tap.packets(20, { timeoutMs: 30_000 });
      await tap.close();
    }
  };
  return await runApp(app, [source], { sending });
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
