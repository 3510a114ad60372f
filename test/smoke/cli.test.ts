// The commands of the package: npx mediasoup-client-pion doctor, … probe.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const program = path.join(root, 'dist', 'cli.mjs');
const clip: string = fixturePath('bars-440hz.mp4');
const folder = mkdtempSync(path.join(os.tmpdir(), 'cli-'));
after(() => {
  rmSync(folder, { recursive: true });
});

type Ended = { status: number; stdout: string; stderr: string };

type Options = { cwd?: string; file?: string; env?: NodeJS.ProcessEnv };

function run(args: string[], { cwd = root, file = program, env = {} }: Options = {}) {
  return new Promise<Ended>((resolve, reject) => {
    const options = { cwd, timeout: 60_000, env: { ...process.env, ...env } };
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
      const status = error ? error.code : 0;
      if (typeof status === 'number') resolve({ status, stdout, stderr });
      else reject(new Error(`${args.join(' ')}: did not end by itself`, { cause: error }));
    });
  });
}

type Way = { codec: { mimeType: string; parameters: string }; way: string; reason?: string };

type ProbedStream = {
  kind: string;
  codec: string;
  profile?: string;
  width?: number;
  height?: number;
  framerate?: number;
  bitrate?: number;
  sampleRate?: number;
  keyframeInterval?: number;
  keyframesKnown: boolean;
  bFrames: boolean;
  ways: Way[];
};

type Probe = {
  source: string;
  container: string;
  duration: number;
  live: boolean;
  streams: ProbedStream[];
};

function streamOf({ streams }: Probe, kind: string): ProbedStream {
  const stream = streams.find((candidate) => candidate.kind === kind);
  assert.ok(stream, `no ${kind}`);
  return stream;
}

function wayOf({ ways }: ProbedStream, mimeType: string, parameters = ''): Way {
  const way = ways.find(
    ({ codec }) => codec.mimeType === mimeType && codec.parameters.includes(parameters),
  );
  assert.ok(way, `nothing is told of ${mimeType} ${parameters}`);
  return way;
}

async function probe(...args: string[]): Promise<Probe> {
  const { status, stdout, stderr } = await run(['probe', '--json', ...args]);
  assert.equal(status, 0, stderr || stdout);
  return JSON.parse(stdout) as Probe;
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('probe', () => {
  it('tells what a file holds, and what passes through', async () => {
    const probed = await probe(clip);
    assert.equal(probed.source, clip);
    assert.match(probed.container, /mp4/);
    assert.ok(Math.abs(probed.duration - 10) < 0.2, `${probed.duration} s`);
    assert.equal(probed.live, false);
    const video = streamOf(probed, 'video');
    assert.equal(video.codec, 'h264');
    assert.match(video.profile ?? '', /^Constrained Baseline, level/);
    assert.deepEqual([video.width, video.height, video.framerate], [560, 320, 30]);
    assert.deepEqual(
      [video.keyframeInterval, video.keyframesKnown, video.bFrames],
      [2, true, false],
    );
    assert.ok((video.bitrate ?? 0) > 100_000);
    assert.equal(
      wayOf(video, 'video/H264', 'packetization-mode=1;profile-level-id=42e01f').way,
      'passthrough',
    );
    const vp8 = wayOf(video, 'video/VP8');
    assert.equal(vp8.way, 'transcode');
    assert.match(vp8.reason ?? '', /coded as video\/H264/);
    const audio = streamOf(probed, 'audio');
    assert.deepEqual([audio.codec, audio.sampleRate], ['aac', 48000]);
    const opus = wayOf(audio, 'audio/opus');
    assert.equal(opus.way, 'transcode');
    assert.match(opus.reason ?? '', /AAC/);
  });

  it('tells of B-frames, which keep H264 from passing', async () => {
    const video = streamOf(await probe(fixturePath('short.mp4')), 'video');
    assert.equal(video.bFrames, true);
    const way = wayOf(video, 'video/H264', 'packetization-mode=1;profile-level-id=4d001f');
    assert.equal(way.way, 'transcode');
    assert.match(way.reason ?? '', /B-frames/);
  });

  it('says the same in words', async () => {
    const { status, stdout } = await run(['probe', clip]);
    assert.equal(status, 0);
    assert.match(stdout, /video h264, Constrained Baseline.*560x320.*no B-frames/);
    assert.match(stdout, /video\/H264 42e01f +passes through as it is/);
    assert.match(stdout, /audio\/opus +transcoded: its audio is coded as AAC/);
  });

  it('reads a URL', async (t) => {
    const url = await serve(t, (_request, response) => {
      response.end(readFileSync(clip));
    });
    const probed = await probe(`${url}/clip.mp4`);
    assert.equal(streamOf(probed, 'video').codec, 'h264');
  });

  it('shows nothing of a URL that is secret, whether it can be read or not', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.url?.startsWith('/clip.mp4')) response.end(readFileSync(clip));
      else response.writeHead(404).end();
    });
    const address = url.replace('http://', 'http://ann:s3cret@');
    for (const [path, status] of [
      ['clip.mp4', 0],
      ['nothing', 1],
    ] as const) {
      for (const flags of [[], ['--json']]) {
        const got = await run(['probe', ...flags, `${address}/${path}?token=s3cret`]);
        assert.equal(got.status, status);
        assert.ok(`${got.stdout}${got.stderr}`.includes(`${url}/${path}?…`), got.stdout);
        assert.doesNotMatch(`${got.stdout}${got.stderr}`, /s3cret/);
      }
    }
  });

  it('gives up a URL that does not answer after --timeout', async (t) => {
    const url = await serve(t, () => undefined);
    const { status, stderr } = await run(['probe', '--timeout=1', `${url}/never.mp4`]);
    assert.equal(status, 1);
    assert.match(stderr, /ERR_TIMEOUT/);
    assert.match(stderr, /never\.mp4/);
  });

  for (const [what, source, code, words] of [
    ['a file that is missing', '/nowhere/clip.mp4', 'ERR_NOT_FOUND', /does not exist/],
    ['what is no media', path.join(root, 'package.json'), 'ERR_NOT_SUPPORTED', /not media/],
    ['a folder', root, 'ERR_NOT_SUPPORTED', /is a directory/],
    ['a scheme that is not opened', 'gopher://127.0.0.1/a', 'ERR_INVALID_ARGUMENT', /scheme/],
  ] as const) {
    it(`refuses ${what}, in words and as JSON`, async () => {
      const plain = await run(['probe', source]);
      assert.equal(plain.status, 1);
      assert.equal(plain.stdout, '');
      assert.match(plain.stderr, words);
      assert.ok(plain.stderr.includes(code), plain.stderr);
      const json = await run(['probe', '--json', source]);
      assert.equal(json.status, 1);
      const { error } = JSON.parse(json.stdout) as { error: { code: string; message: string } };
      assert.equal(error.code, code);
      assert.match(error.message, words);
    });
  }

  for (const name of [
    '\u001b[31mred\u001b]0;title\u0007\n.mp4',
    '--json.mp4',
    'concat:a|b',
    '%s.mp4',
  ]) {
    it(`takes ${JSON.stringify(name)} for the name of a file`, async () => {
      const missing = await run(['probe', '--', name], { cwd: folder });
      assert.equal(missing.status, 1);
      assert.match(missing.stderr, /ERR_NOT_FOUND/);
      copyFileSync(fixturePath('blue.mp4'), path.join(folder, name));
      const present = await run(['probe', '--', name], { cwd: folder });
      assert.equal(present.status, 0, present.stderr);
      assert.match(present.stdout, /video h264/);
      // eslint-disable-next-line no-control-regex -- what a terminal would obey
      assert.doesNotMatch(missing.stderr + present.stdout, /[\u0000-\u0009\u000b-\u001f]/);
    });
  }
});

type Diagnosis = {
  ok: boolean;
  version: string;
  host: { node: string; mediasoupClient?: string; interfaces: { address: string }[] };
  core?: {
    go: string;
    modules: { name: string; version: string }[];
    libraries: { name: string; version: string }[];
    encoders: string[];
    hardware: { mimeType: string; name: string; refused: string }[];
    send: { mimeType: string }[];
    receive: { mimeType: string }[];
    candidates: { address: string; type: string }[];
    devices: unknown[];
  };
  problems: { severity: string; what: string; cure: string; code?: string }[];
};

describe('doctor', () => {
  it('tells what the package is made of, and can do', async () => {
    const { status, stdout, stderr } = await run(['doctor', '--json']);
    const { ok, version, host, core, problems } = JSON.parse(stdout) as Diagnosis;
    assert.deepEqual([status, ok, stderr], [0, true, ''], stdout);
    assert.equal(version, packageVersion());
    assert.equal(host.node, process.versions.node);
    assert.match(host.mediasoupClient ?? '', /^3\./);
    assert.ok(core);
    assert.match(core.go, /^go1\./);
    const pion = core.modules.find(({ name }) => name === 'github.com/pion/webrtc/v4');
    assert.ok(
      readFileSync(path.join(root, 'go.mod'), 'utf8').includes(
        `pion/webrtc/v4 ${pion?.version ?? '?'}`,
      ),
    );
    for (const library of ['FFmpeg', 'libvpx', 'OpenH264', 'libopus']) {
      const found = core.libraries.find(({ name }) => name === library);
      assert.match(found?.version ?? '', /^\d+\.\d+/, library);
    }
    assert.ok(core.encoders.includes('video/VP8') && core.encoders.includes('audio/opus'));
    assert.deepEqual(
      core.hardware.map(({ mimeType, name }) => [mimeType, name]),
      [['video/H264', 'NVENC']],
    );
    assert.match(core.hardware[0]?.refused ?? '', /cannot be loaded: install the driver/);
    for (const codecs of [core.send, core.receive]) {
      const names = codecs.map(({ mimeType }) => mimeType);
      for (const name of ['audio/opus', 'video/VP8', 'video/VP9', 'video/H264']) {
        assert.ok(names.includes(name), name);
      }
      assert.ok(!names.some((name) => name.endsWith('/rtx')));
    }
    const addresses = new Set(host.interfaces.map(({ address }) => address));
    for (const { address, type } of core.candidates) {
      assert.equal(type, 'host');
      assert.ok(addresses.has(address.replace(/%.*/, '')), address);
    }
    for (const { what, cure } of problems) assert.ok(what && cure, 'each problem has its cure');
  });

  it('says the same in words', async () => {
    const { status, stdout } = await run(['doctor']);
    assert.equal(status, 0);
    for (const words of [/^Platform$/m, /Node\.js +\d/, /pion\/webrtc +v4/, /FFmpeg +\d/]) {
      assert.match(stdout, words);
    }
    assert.match(stdout, /video\/VP8 +send, receive/);
    assert.match(stdout, /^Hardware encoders\n +video\/H264 +NVENC +no: libcuda/m);
    assert.match(stdout, /Nothing essential is broken\.\n$/);
  });

  it('tells what is broken where the native library and mediasoup-client are missing', async () => {
    const copy = path.join(folder, 'broken', 'dist');
    mkdirSync(copy, { recursive: true });
    mkdirSync(path.join(folder, 'broken', 'node_modules'));
    for (const name of ['sdp-transform', 'debug', 'ms']) {
      symlinkSync(
        path.join(root, 'node_modules', name),
        path.join(folder, 'broken', 'node_modules', name),
      );
    }
    copyFileSync(program, path.join(copy, 'cli.mjs'));
    const file = path.join(copy, 'cli.mjs');
    const json = await run(['doctor', '--json'], { file, cwd: copy });
    assert.equal(json.status, 1, json.stderr);
    const { ok, core, problems } = JSON.parse(json.stdout) as Diagnosis;
    assert.equal(ok, false);
    assert.equal(core, undefined);
    const errors = problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ code }) => code),
      [undefined, 'ERR_NATIVE_MISSING'],
    );
    assert.match(errors[0]?.cure ?? '', /install mediasoup-client-pion again/);
    const plain = await run(['doctor'], { file, cwd: copy });
    assert.equal(plain.status, 1);
    assert.match(plain.stdout, /error: the native library cannot be loaded/);
    assert.match(plain.stdout, /does not work here\.\n$/);
    const probed = await run(['probe', clip], { file, cwd: copy });
    assert.equal(probed.status, 1);
    assert.match(probed.stderr, /ERR_NATIVE_MISSING/);
  });

  it('tells of missing certificate authorities', async () => {
    const none = path.join(folder, 'none.pem');
    writeFileSync(none, '');
    const env = { SSL_CERT_FILE: none, SSL_CERT_DIR: folder };
    const { status, stdout } = await run(['doctor'], { env });
    assert.equal(status, 0);
    assert.match(stdout, /warning: there are no certificate authorities/);
  });
});

function packageVersion(): string {
  const text = readFileSync(path.join(root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

describe('the command line', () => {
  it('tells its version', async () => {
    assert.deepEqual(await run(['--version']), {
      status: 0,
      stdout: `${packageVersion()}\n`,
      stderr: '',
    });
  });

  for (const args of [['--help'], ['-h'], ['probe', '--help'], ['doctor', '-h']]) {
    it(`explains itself: ${args.join(' ')}`, async () => {
      const { status, stdout } = await run(args);
      assert.equal(status, 0);
      assert.match(stdout, /^Usage:/);
    });
  }

  for (const [args, words] of [
    [[], /no command/],
    [['dance'], /unknown command dance/],
    [['probe'], /takes one file or URL/],
    [['probe', 'a', 'b'], /takes one file or URL/],
    [['probe', '--timeout=soon', 'a'], /--timeout: expected seconds/],
    [['probe', '--loud', 'a'], /--loud/],
    [['doctor', 'me'], /takes no argument/],
  ] as const) {
    it(`refuses: ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await run([...args]);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, words);
      assert.match(stderr, /Usage:/);
    });
  }

  it('is no part of the library', () => {
    assert.doesNotMatch(
      readFileSync(path.join(root, 'dist', 'library.cjs'), 'utf8'),
      /Exit status/,
    );
  });
});
