// The example that says a text and has others' speech recognized: what one says comes out whole at the other.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { AudioTrackGenerator } from 'mediasoup-client-pion';
import { join, openRoom, until } from '../e2e/session.js';
import { mulberry32 } from '../e2e/support/random.mjs';
import { serveRoom } from '../e2e/support/signalling.mjs';
import { startExample } from './support/example.js';
import { likenesses } from './support/likeness.js';

const SAMPLE_RATE = 16_000;
const VOCABULARY = ['january', 'october', 'december', 'zero', 'three', 'elephant', 'september'];
const COUNT = 4;

/** What the recognizer may hear: any of the words, in any order. */
const GRAMMAR = `#JSGF V1.0;
grammar words;
<word> = ${VOCABULARY.join(' | ')};
public <words> = ${'<word> '.repeat(COUNT)};
`;

function samplesOf(bytes: Buffer): Float32Array {
  const whole = bytes.length - (bytes.length % 2);
  return Float32Array.from({ length: whole / 2 }, (_, i) => bytes.readInt16LE(2 * i) / 32_768);
}

/** What espeak-ng says, as ffmpeg converts it. */
function spoken(words: string): Float32Array {
  const wav = execFileSync('espeak-ng', ['-v', 'en-us+f2', '--stdout', words]);
  const output = ['-f', 's16le', '-ac', '1', '-ar', String(SAMPLE_RATE), 'pipe:1'];
  const options = { input: wav, maxBuffer: 1e8 };
  return samplesOf(
    execFileSync('ffmpeg', ['-loglevel', 'error', '-i', 'pipe:0', ...output], options),
  );
}

it('the words of one come out whole at the other, and are recognized', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.diagnostic(`seed ${seed}`);
  const random = mulberry32(seed);
  const words = Array.from(
    { length: COUNT },
    () => VOCABULARY[Math.floor(random() * VOCABULARY.length)] ?? '',
  ).join(' ');

  const folder = await mkdtemp(path.join(os.tmpdir(), 'speech-'));
  t.after(() => rm(folder, { recursive: true }));
  const grammar = path.join(folder, 'words.gram');
  const recording = path.join(folder, 'heard.pcm');
  await writeFile(grammar, GRAMMAR);
  const recognizer = `pocketsphinx_continuous -infile /dev/stdin -jsgf ${grammar} -logfn /dev/null`;

  const room = await openRoom(t);
  const listener = await startExample(
    ...([t, room, 'speech.mjs', 'Hello', '300', `tee ${recording} | ${recognizer}`] as const),
  );
  await listener.prints(/^said "Hello"$/);
  const speaker = await startExample(t, room, 'speech.mjs', words, '300');
  await speaker.prints(/^said /);
  assert.equal(await listener.prints(/^(?!said)/), words);

  const said = spoken(words);
  const windows = likenesses(samplesOf(await readFile(recording)), said, SAMPLE_RATE);
  assert.ok(
    windows.length > 0.5 * (said.length / SAMPLE_RATE) * 10,
    `${windows.length} have sound`,
  );
  // Where the machine is busy a piece comes too late now and then, and is concealed.
  const unlike = windows
    .filter(({ likeness }) => likeness < 0.8)
    .map(({ at, likeness }) => `${likeness.toFixed(2)} at ${at} s`);
  assert.ok(unlike.length <= 2, `${words}: only ${unlike.join(', ')} alike`);
});

it('a recognizer that ends early is complained of, and the room is left all the same', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const { track } = new AudioTrackGenerator();
  await (await alice.createSendTransport()).produce({ track });
  const before = room.server.transports.size;
  const served = await serveRoom(room);
  t.after(() => served.close());
  const program = path.resolve(import.meta.dirname, '../../examples/speech.mjs');
  // It hears a little, and no more.
  const args = [program, served.url, 'Hello', '1', 'head -c 1000 >/dev/null'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill());
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.deepEqual(await ended, [0, null], stderr);
  assert.equal(stdout, 'said "Hello"\n');
  assert.match(stderr, /^(write EPIPE|Premature close)\n$/);
  await until('the room is left', () => room.server.transports.size === before);
});
