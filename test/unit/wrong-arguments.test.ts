// The whole API with every argument, and every member of one, given what it is not for: it is taken, or refused by an
// error that names it. Nothing crashes, hangs, is thrown elsewhere or is left behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UnsupportedError, VideoFrame } from '../../lib/index.js';
import type { Report } from './arguments/program.js';
import { readSurface } from './arguments/surface.js';
import type { Callable } from './arguments/surface.js';
import { Provoked, values } from './arguments/values.js';
import { verdictOn } from './arguments/verdict.js';
import { root } from './waist/native.js';

const LIMIT_MS = 240_000;
const SHOWN = 40;

const surface = readSurface();

/** Those that take their time have a process of their own. */
const groups: [name: string, of: (callable: Callable) => boolean][] = [
  ['devices', ({ owner }) => owner === 'MediaDevices'],
  ['transports', ({ owner }) => /^Handler|^Worker$|^create/.test(owner)],
  ['all else', ({ owner }) => !/^MediaDevices$|^Handler|^Worker$|^create/.test(owner)],
];

/** Calls in a process of their own: what came of it, and why it ended if it did not by itself. */
async function callAll(callables: Callable[]): Promise<Report> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wrong-arguments-'));
  const [given, progress, report] = ['given', 'progress', 'report'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  try {
    writeFileSync(given, JSON.stringify(callables));
    const program = path.join(root, 'test/unit/arguments/program.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, given, progress, report], {
      cwd: root,
      // To read what ALSA is told takes longer than all else where there are no devices.
      env: { ...process.env, ALSA_CONFIG_PATH: '/dev/null' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr = (stderr + String(text)).slice(-20_000)));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    const at = existsSync(progress) ? readFileSync(progress, 'utf8').trim() : 'the beginning';
    assert.deepEqual([code, signal], [0, null], `it ended at ${at}\n${stderr}`);
    return JSON.parse(readFileSync(report, 'utf8')) as Report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('arguments that are wrong', { concurrency: true }, () => {
  for (const [name, isOf] of groups) {
    it(`are taken or refused by name: ${name}`, async (t) => {
      const { calls, refused, findings } = await callAll(surface.filter(isOf));
      t.diagnostic(`${calls} calls, ${refused} refused`);
      const shown = findings.slice(0, SHOWN).join('\n');
      assert.equal(findings.length, 0, `${findings.length} findings\n${shown}`);
      assert.ok(refused > calls / 4, 'most that is wrong is refused');
    });
  }
});

describe('what is called', () => {
  const placesOf = (name: string): string[] =>
    surface
      .filter((callable) => callable.name === name)
      .flatMap(({ places }) => places.map(({ place }) => place.join('.')));

  it('is all that the types have, and as deep', () => {
    assert.ok(surface.length > 110, `${surface.length} callables`);
    for (const [name, ...places] of [
      ['createWorker', '0.logLevel', '0.publicOnly'],
      ['VideoFrame', '0', '1.layout.[].offset', '1.colorSpace.matrix', '1.duration'],
      ['AudioTrackGenerator.writable', '0'],
      ['MediaDevices.getUserMedia', '0.video.width.exact', '0.audio.source'],
      ['DataChannel.binaryType', '0'],
      ['MediaRecorder.isTypeSupported', '0'],
      ['RTCRtpSender.setParameters', '0.encodings.[].maxBitrate'],
      ['HandlerFactory.factory', '0.iceCandidates.[].port', '0.additionalSettings.srtpProfiles.[]'],
      ['HandlerInterface.receive', '0.[].rtpParameters.codecs.[].mimeType'],
      ['HandlerInterface.send', '0.codec.parameters.*', '0.encodings.[].rtx.ssrc'],
    ] as const) {
      const had = placesOf(name);
      assert.deepEqual(
        places.filter((place) => !had.includes(place)),
        [],
        name,
      );
    }
  });

  it('has nothing that apps are not to call', () => {
    const hidden = surface.filter(({ member }) => /^(#|opened|settle|setNegotiated)/.test(member));
    assert.deepEqual(hidden, []);
  });

  it('is given each value anew', () => {
    for (const [name, make] of Object.entries(values)) {
      const [one, other] = [make(['a']), make(['a'])];
      if (typeof one === 'object' && one !== null) assert.notEqual(one, other, name);
    }
  });
});

describe('a refusal', () => {
  const [callable] = surface.filter(({ name }) => name === 'VideoFrame.copyTo');
  const verdict = (error: unknown, value = 'null'): string | undefined =>
    callable && verdictOn(error, callable, value);

  it('is a documented error that names an argument, or what the argument threw', () => {
    assert.equal(verdict(new TypeError('rect.x: expected a whole number')), undefined);
    assert.equal(verdict(new UnsupportedError('it is not supported')), undefined);
    assert.equal(verdict(new Provoked('by a getter')), undefined);
  });

  it('is not what comes from inside', () => {
    for (const error of [
      new TypeError("Cannot read properties of undefined (reading 'rect')"),
      new TypeError('rect is not iterable'),
      new TypeError('json: cannot unmarshal string into rect'),
      new TypeError('something is wrong'),
      new Error('rect: runtime error: index out of range'),
      new SyntaxError('rect'),
      'rect',
    ]) {
      assert.notEqual(verdict(error), undefined, String(error));
    }
  });

  it('is seen where it is made', () => {
    const error = (make: () => unknown): unknown => {
      try {
        return make();
      } catch (thrown) {
        return thrown;
      }
    };
    const refused = error(() => new VideoFrame(null as never, null as never));
    assert.match(String(refused), /^TypeError: data: expected bytes or a VideoFrame, got null$/);
  });
});
