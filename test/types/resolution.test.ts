import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSteps } from '../../scripts/lib/steps.mjs';
import { compilers, typescriptVersionsStep } from '../../scripts/lib/typescript-versions.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(import.meta.url);
const { version: ownVersion } = require('typescript/package.json') as { version: string };
const own = { version: ownVersion, major: 6, program: require.resolve('typescript/bin/tsc') };

// A program of a user, with each import style of its module system.
const program = `
const level: WorkerLogLevel = 'warn';
const device: Promise<Device> = Device.factory({ handlerFactory: createFactory(level) });
async function main(): Promise<void> {
  const worker: Worker = await createWorker({ logLevel: 'debug' });
  worker.on('died', (error: Error) => console.error(error.message));
  const constraints: AiortcMediaStreamConstraints = { audio: { source: 'file', file: 'a.mp4' } };
  const stream: AiortcMediaStream = await worker.getUserMedia(constraints);
  worker.once('subprocessclose', () => worker.removeAllListeners());
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
const cjs =
  "import pion = require('mediasoup-client-pion');\nimport { Device } from 'mediasoup-client';\n" +
  'const { createFactory, createWorker, version } = pion;\n' +
  'type Worker = pion.Worker;\ntype AiortcMediaStream = pion.AiortcMediaStream;\n' +
  'type WorkerLogLevel = pion.WorkerLogLevel;\n' +
  'type AiortcMediaStreamConstraints = pion.AiortcMediaStreamConstraints;\n';

let folder: string;

function compile(
  files: Record<string, string>,
  options: Record<string, unknown>,
  compiler = own,
): void {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const config = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: ['node'],
      // TypeScript answers for its own.
      skipDefaultLibCheck: true,
      ...options,
    },
    files: Object.keys(files),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  // Only what concerns this package: dependencies answer for their own declarations.
  assert.deepEqual(
    typeErrors(compiler.program).filter((line) => !line.startsWith('node_modules')),
    [],
  );
}

function typeErrors(tsc = own.program): string[] {
  const { error, stdout } = spawnSync(
    process.execPath,
    [tsc, '--project', folder, '--pretty', 'false'],
    { cwd: root, encoding: 'utf8' },
  );
  assert.equal(error, undefined);
  return stdout.split('\n').filter((line) => line.includes('error TS'));
}

/** What an app of a user imports: this package, and a mediasoup-client. */
function install(mediasoupClient: string): void {
  const modules = join(folder, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules);
  symlinkSync(root, join(modules, 'mediasoup-client-pion'));
  symlinkSync(join(root, 'node_modules', mediasoupClient), join(modules, 'mediasoup-client'));
}

before(async () => {
  await runSteps([typescriptVersionsStep()], { quiet: true });
  if (!existsSync(join(root, 'dist'))) {
    const build = spawnSync(process.execPath, [join(root, 'scripts', 'build-ts.mjs')]);
    assert.equal(build.status, 0, build.stderr.toString());
  }
  mkdirSync(join(root, 'build'), { recursive: true });
  folder = mkdtempSync(join(root, 'build', 'types-'));
  install('mediasoup-client');
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const modules = { 'app.mts': esm + program, 'app.cts': cjs + program };

for (const compiler of [...compilers(), own]) {
  describe(`the declarations in dist/, by TypeScript ${compiler.version}`, () => {
    it('are found by ES and CommonJS modules under node16', () => {
      compile(modules, { module: 'node16', moduleResolution: 'node16' }, compiler);
    });

    it('are found by a bundler', () => {
      const options = { module: 'esnext', moduleResolution: 'bundler' };
      compile({ 'app.ts': esm + program }, options, compiler);
    });

    // TypeScript 6 warns of it, and 7 has it no more.
    if (compiler.major < 7) {
      it('are found under node10, which knows no exports of a package', () => {
        const options = {
          module: 'commonjs',
          moduleResolution: 'node10',
          ...(compiler.major === 6 ? { ignoreDeprecations: '6.0' } : {}),
        };
        compile({ 'app.ts': esm + program }, options, compiler);
      });
    }
  });
}

describe('an app that has a mediasoup-client of its own', () => {
  before(() => {
    install('mediasoup-client-lowest');
  });
  after(() => {
    install('mediasoup-client');
  });

  it('gives the factory to its own Device, and a track to its own Transport', () => {
    compile(modules, { module: 'node16', moduleResolution: 'node16' });
  });

  it('so under node10', () => {
    const options = { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' };
    compile({ 'app.ts': esm + program }, options);
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
    const required = require('mediasoup-client-pion') as Record<string, unknown>;
    const imported = (await import('mediasoup-client-pion')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
    for (const [name, value] of Object.entries(required)) assert.equal(imported[name], value);
  });

  it('has the version of package.json', () => {
    const { version } = require('mediasoup-client-pion') as { version: string };
    assert.equal(version, (require('../../package.json') as { version: string }).version);
  });
});
