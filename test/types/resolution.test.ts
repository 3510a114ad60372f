import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// A program of a user, with each import style of its module system.
const program = `
const level: WorkerLogLevel = 'warn';
const device: Promise<Device> = Device.factory({ handlerFactory: createFactory(level) });
async function main(): Promise<void> {
  const worker: Worker = await createWorker({ logLevel: 'debug' });
  worker.on('died', (error: Error) => console.error(error.message));
  const constraints: AiortcMediaStreamConstraints = { audio: { source: 'file', file: 'a.mp4' } };
  const stream: AiortcMediaStream = await worker.getUserMedia(constraints);
  stream.onclose = (): void => worker.close();
  const transport = (await device).createSendTransport({} as never);
  for (const track of stream.getTracks()) await transport.produce({ track });
  console.log(version.length, worker.pid.toFixed(), (await worker.dump()).players[0]?.audioTrack?.kind);
}
void main();
`;
const names =
  'createFactory, createWorker, version, Worker, AiortcMediaStream, ' +
  'type WorkerLogLevel, type AiortcMediaStreamConstraints';
const esm = `import { ${names} } from 'mediasoup-client-pion';\nimport { Device } from 'mediasoup-client';\n`;

// Inside the package, so that it resolves itself by its name as a user would.
let folder: string;

function compile(file: string, text: string, options: Record<string, unknown>): void {
  writeFileSync(join(folder, file), text + program);
  const config = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: ['node'],
      skipLibCheck: false,
      ...options,
    },
    files: [file],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  // Only what concerns this package: dependencies answer for their own declarations.
  assert.deepEqual(
    typeErrors().filter((line) => !line.includes('node_modules')),
    [],
  );
}

function typeErrors(): string[] {
  const { error, stdout } = spawnSync(
    process.execPath,
    [tsc, '--project', folder, '--pretty', 'false'],
    { encoding: 'utf8' },
  );
  assert.equal(error, undefined);
  return stdout.split('\n').filter((line) => line.includes('error TS'));
}

before(() => {
  if (!existsSync(join(root, 'dist'))) {
    const build = spawnSync(process.execPath, [join(root, 'scripts', 'build-ts.mjs')]);
    assert.equal(build.status, 0, build.stderr.toString());
  }
  mkdirSync(join(root, 'build'), { recursive: true });
  folder = mkdtempSync(join(root, 'build', 'types-'));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the declarations in dist/', () => {
  it('are found by an ES module under node16', () => {
    compile('app.mts', esm, { module: 'node16', moduleResolution: 'node16' });
  });

  it('are found by a CommonJS module under node16', () => {
    const cjs =
      "import pion = require('mediasoup-client-pion');\nimport { Device } from 'mediasoup-client';\n" +
      'const { createFactory, createWorker, version } = pion;\n' +
      'type Worker = pion.Worker;\ntype AiortcMediaStream = pion.AiortcMediaStream;\n' +
      'type WorkerLogLevel = pion.WorkerLogLevel;\n' +
      'type AiortcMediaStreamConstraints = pion.AiortcMediaStreamConstraints;\n';
    compile('app.cts', cjs, { module: 'node16', moduleResolution: 'node16' });
  });

  it('are found by a bundler', () => {
    compile('app.ts', esm, { module: 'esnext', moduleResolution: 'bundler' });
  });
});

describe('the sources', () => {
  it('type-check against the lowest mediasoup-client', () => {
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        paths: {
          'mediasoup-client': [join(root, 'node_modules/mediasoup-client-lowest/lib/index.d.ts')],
          'mediasoup-client/*': [join(root, 'node_modules/mediasoup-client-lowest/lib/*.d.ts')],
        },
      },
      files: [join(root, 'lib', 'index.ts')],
      include: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    assert.deepEqual(typeErrors(), []);
  });
});

describe('dist/', () => {
  it('is the same instance for import and for require()', async () => {
    const require = createRequire(import.meta.url);
    const required = require('mediasoup-client-pion') as Record<string, unknown>;
    const imported = (await import('mediasoup-client-pion')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
    for (const [name, value] of Object.entries(required)) assert.equal(imported[name], value);
  });

  it('has the version of package.json', () => {
    const require = createRequire(import.meta.url);
    const { version } = require('mediasoup-client-pion') as { version: string };
    assert.equal(version, (require('../../package.json') as { version: string }).version);
  });
});
