import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import * as esm from 'mediasoup-client-pion';

const require = createRequire(import.meta.url);
const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const clip: string = fixturePath('blue.mp4');

test('ESM and CommonJS give one instance of the same names', () => {
  const cjs = require('mediasoup-client-pion') as typeof esm;
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  for (const name of ['createFactory', 'createWorker', 'Worker', 'AiortcMediaStream'] as const) {
    assert.equal(cjs[name], esm[name], name);
  }
});

test('an import does not have Node.js read the library through for its names', async () => {
  // It lists what its reader of CommonJS found; the newest lines add the whole.
  const entry = JSON.stringify(path.join(root, 'dist', 'index.cjs'));
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '--eval',
    `import * as entry from ${entry}; console.log(Object.keys(entry).join());`,
  ]);
  assert.match(stdout.trim(), /^default(?:,module\.exports)?$/);
});

test('version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  assert.equal(esm.version, version);
});

for (const [name, program] of Object.entries({
  'a factory that was used': `
    const device = await Device.factory({ handlerFactory: createFactory() });
    await device.load({ routerRtpCapabilities: { codecs: [{ kind: 'audio', mimeType: 'audio/opus',
      clockRate: 48000, channels: 2, preferredPayloadType: 100 }], headerExtensions: [] } });`,
  'a Worker that was closed': `
    const worker = await createWorker();
    await worker.dump();
    worker.close();`,
})) {
  test(`${name} lets the process exit by itself`, async () => {
    const { stdout } = await run(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { createFactory, createWorker } from 'mediasoup-client-pion';
        import { Device } from 'mediasoup-client';
        ${program}
        console.log('done');`,
      ],
      { cwd: root, timeout: 15_000 },
    );
    assert.equal(stdout.trim(), 'done');
  });
}

test('an open Worker keeps the process alive', async () => {
  await assert.rejects(
    run(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { createWorker } from 'mediasoup-client-pion'; await createWorker();`,
      ],
      { cwd: root, timeout: 2_000, killSignal: 'SIGTERM' },
    ),
    (error: Error & { signal?: string }) => error.signal === 'SIGTERM',
  );
});

test('the logs of the core come out of debug, at the level that was chosen', async () => {
  const program = (level: string) => `
    import { createWorker } from 'mediasoup-client-pion';
    const worker = await createWorker({ logLevel: '${level}' });
    await worker.getUserMedia({ video: { source: 'file', file: ${JSON.stringify(clip)} } });
    worker.close();`;
  const logged = async (level: string) => {
    const { stdout, stderr } = await run(
      process.execPath,
      ['--input-type=module', '-e', program(level)],
      {
        cwd: root,
        timeout: 15_000,
        env: { ...process.env, DEBUG: '*mediasoup-client-aiortc*' },
      },
    );
    return stdout + stderr;
  };
  assert.match(await logged('debug'), /mediasoup-client-aiortc:core:source source opened/);
  assert.doesNotMatch(await logged('none'), /core:/);
});
