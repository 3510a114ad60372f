// Every program in README.md and docs/ compiles against the published types.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// What the programs take for given: the app's own server and objects that the text around them made.
const given = `
import type { Device, types } from 'mediasoup-client';
import type { Worker, AiortcMediaStream } from 'mediasoup-client-pion';
import type { FakeMediaStreamTrack as Track } from 'fake-mediastreamtrack';
declare global {
  const routerRtpCapabilities: types.RtpCapabilities;
  const transportOptions: types.TransportOptions;
  const device: Device;
  const transport: types.Transport;
  const producer: types.Producer;
  const consumer: types.Consumer;
  const worker: Worker;
  const stream: AiortcMediaStream;
  const track: Track;
  const mediaDevices: typeof import('mediasoup-client-pion').mediaDevices;
  const FakeMediaStreamTrack: typeof import('fake-mediastreamtrack').FakeMediaStreamTrack;
}
`;

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

function programsOf(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(?:js|ts|javascript|typescript)\n([^]*?)^```$/gm)].map(
    ([, program = '']) => program,
  );
}

// Inside the package, so that it resolves itself by its name as a user would.
let folder: string;

describe('the programs in the documents', () => {
  before(() => {
    mkdirSync(join(root, 'build'), { recursive: true });
    folder = mkdtempSync(join(root, 'build', 'documents-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('compile', () => {
    const names = new Map<string, string>();
    writeFileSync(join(folder, 'given.d.ts'), given);
    for (const document of documents) {
      for (const [index, program] of programsOf(document).entries()) {
        const file = `${document.replace(/\W/g, '-')}-${index + 1}.ts`;
        // A module of its own, whose objects hide those that are given.
        writeFileSync(join(folder, file), `${program}\nexport {};\n`);
        names.set(file, `${document}, program ${index + 1}`);
      }
    }
    assert.ok(names.size >= 2, 'README.md has programs');
    const config = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2023', 'dom', 'dom.iterable'],
        module: 'nodenext',
        types: ['node'],
        skipLibCheck: true,
      },
      files: ['given.d.ts', ...names.keys()],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { error, stdout } = spawnSync(
      process.execPath,
      [tsc, '-p', folder, '--pretty', 'false'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    if (error) throw error;
    const errors = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace(/^([\w.-]+\.ts)/, (file) => names.get(file) ?? file));
    assert.deepEqual(errors, []);
  });
});
