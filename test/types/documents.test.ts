// Every program in README.md and docs/ compiles against the published types, and every command names what exists.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// What the programs take for given: the app's own server and objects that the text around them made.
const given = `
import type { Device, types } from 'mediasoup-client';
import type { AudioData, VideoFrame, Worker, AiortcMediaStream } from 'mediasoup-client-pion';
import type { FakeMediaStreamTrack as Track } from 'fake-mediastreamtrack';
declare global {
  const routerRtpCapabilities: types.RtpCapabilities;
  const transportOptions: types.TransportOptions;
  const device: Device;
  const transport: types.Transport;
  const producer: types.Producer;
  const consumer: types.Consumer;
  const audioConsumer: types.Consumer;
  const videoConsumer: types.Consumer;
  const encoder: {
    forceKeyframe(): void;
    setBitrate(bitsPerSecond: number): void;
    on(event: 'frame', listener: (data: Uint8Array, timestamp: number) => void): void;
  };
  const decrypt: (data: ArrayBuffer) => ArrayBuffer;
  const rgba: Uint8Array;
  const timestamp: number;
  const speech: AsyncIterable<AudioData>;
  const frame: VideoFrame;
  const meter: (level: number) => void;
  const userUrl: string;
  const recognizer: { write(samples: Int16Array): void; finish(): Promise<string> };
  const languageModel: (text: string, signal: AbortSignal) => AsyncIterable<string>;
  const synthesizer: (text: string, signal?: AbortSignal) => AsyncIterable<Int16Array>;
  const isSpeech: (samples: Float32Array) => Promise<boolean>;
  const resampled: (samples: Int16Array, from: number, to: number) => Int16Array;
  const next10ms: () => Int16Array;
  const paintOver: (rgba: Uint8Array | Uint8ClampedArray) => void;
  const worker: Worker;
  const stream: AiortcMediaStream;
  const track: Track;
  const mediaDevices: typeof import('mediasoup-client-pion').mediaDevices;
  const FakeMediaStreamTrack: typeof import('fake-mediastreamtrack').FakeMediaStreamTrack;
}
`;

// What the guide of migrating from it takes of it, as 0.10.0 has it: it is not installed for that.
const wrtc = `
declare module '@roamhq/wrtc' {
  type Picture = { width: number; height: number; data: Uint8Array | Uint8ClampedArray };
  class RTCAudioSink {
    constructor(track: MediaStreamTrack);
    ondata: (data: { samples: Int16Array; sampleRate: number }) => void;
  }
  class RTCVideoSink {
    constructor(track: MediaStreamTrack);
    onframe: (event: { frame: Picture & { rotation: number } }) => void;
  }
  class RTCAudioSource {
    createTrack(): MediaStreamTrack;
    onData(data: { samples: Int16Array; sampleRate: number }): void;
  }
  class RTCVideoSource {
    createTrack(): MediaStreamTrack;
    onFrame(frame: Picture): void;
  }
  const i420ToRgba: (i420: Picture, rgba: Picture) => void;
  const rgbaToI420: (rgba: Picture, i420: Picture) => void;
  const wrtc: {
    nonstandard: {
      RTCAudioSink: typeof RTCAudioSink;
      RTCAudioSource: typeof RTCAudioSource;
      RTCVideoSink: typeof RTCVideoSink;
      RTCVideoSource: typeof RTCVideoSource;
      i420ToRgba: typeof i420ToRgba;
      rgbaToI420: typeof rgbaToI420;
    };
  };
  export default wrtc;
}
`;

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

function blocksOf(document: string): { language: string; text: string }[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(\S*)\n([^]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

function textsOf(document: string, languages: readonly string[]): string[] {
  return blocksOf(document)
    .filter(({ language }) => languages.includes(language))
    .map(({ text }) => text);
}

const PROGRAMS = ['js', 'ts', 'javascript', 'typescript'];
const SHELL = ['sh', 'bash'];
/** What nobody runs: drawings, and what programs print. */
const OTHERS = ['', 'text', 'json', 'sdp', 'yaml', 'dockerfile'];

const programsOf = (document: string) => textsOf(document, PROGRAMS);

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
    writeFileSync(join(folder, 'wrtc.d.ts'), wrtc);
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
      files: ['given.d.ts', 'wrtc.d.ts', ...names.keys()],
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

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const help = readFileSync(join(root, 'lib', 'cli', 'main.ts'), 'utf8');

/** What is wrong with one line of a shell block, as far as it concerns this package. */
function wrongWith(line: string): string | undefined {
  const script = /\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(test|start)\b)/.exec(line);
  const name = script?.[1] ?? script?.[2];
  if (name !== undefined && !Object.hasOwn(scripts, name)) return `there is no script ${name}`;
  const file = /\bnode (?:--\S+ )*((?:scripts|bench|examples|test|demo|dist)\/[\w./-]+)/.exec(
    line,
  )?.[1];
  if (file !== undefined && !file.startsWith('dist/') && !existsSync(join(root, file))) {
    return `there is no ${file}`;
  }
  const command = /\bnpx mediasoup-client-pion ([\w-]+)/.exec(line)?.[1];
  if (command !== undefined && !help.includes(`case '${command}'`)) {
    return `there is no command ${command}`;
  }
  return undefined;
}

describe('the commands in the documents', () => {
  for (const document of documents) {
    it(`of ${document} can be run`, () => {
      for (const text of textsOf(document, SHELL)) {
        const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
        assert.equal(status, 0, `${text}${stderr}`);
        for (const line of text.split('\n')) assert.equal(wrongWith(line), undefined, line);
      }
    });
  }

  it('are told apart from what nobody runs', () => {
    for (const document of documents) {
      for (const { language } of blocksOf(document)) {
        assert.ok(
          [...PROGRAMS, ...SHELL, ...OTHERS].includes(language),
          `${document}: nobody checks a block of ${language}`,
        );
      }
    }
  });

  it('would be found to be wrong', () => {
    assert.match(wrongWith('npm run dance') ?? '', /dance/);
    assert.match(wrongWith('node scripts/dance.mjs') ?? '', /dance/);
    assert.match(wrongWith('npx mediasoup-client-pion dance') ?? '', /dance/);
    assert.equal(wrongWith('npm test && node scripts/bootstrap.mjs'), undefined);
  });
});
