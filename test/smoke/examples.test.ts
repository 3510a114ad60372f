// The programs of examples/ run as the README says, against a real server, and end by themselves.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');

/** What `npm run example -- NAME` prints. */
async function example(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [path.join(root, 'examples', 'run.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ended together with the programs that it starts.
    detached: true,
  });
  const limit = setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), 60_000);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await ended;
  clearTimeout(limit);
  assert.deepEqual([status, stderr], [0, ''], stdout);
  return stdout;
}

/** What each example says. */
const said = {
  'send-file': [
    'sending video',
    'sending audio',
    /video: [1-9]\d* packets, [1-9]\d* bytes/,
    /audio: [1-9]\d* packets, [1-9]\d* bytes/,
    'the file ended',
  ],
  'receive-and-echo': [
    'receiving video: video/VP8',
    'receiving audio: audio/opus',
    'echoing "chat"',
    /video: [1-9]\d* packets, 0 lost/,
    /audio: [1-9]\d* packets, 0 lost/,
    /[1-9]\d* messages echoed/,
  ],
  'end-to-end-encryption': ['sending, encrypted', /[1-9]\d* frames decrypted, 0 not/],
  'record-room': [
    /recording video: video\/\w+/,
    /recording audio: audio\/opus/,
    /room\.mkv: 2 tracks/,
  ],
  canvas: [/[1-9]\d+ pictures drawn/],
  'voice-agent': ['said "Hello. Is anybody there?"', /heard [1-9]\d+ pieces/, 'answered'],
  speech: ['said "The quick brown fox', 'said "Pack my box'],
  'frame-grabber': [/-0000\.png: 320x183/, /-0003\.png: 320x183/],
  classifier: [/\w+ \([1-9]\d* looked at, [1-9]\d* not\)/],
  prometheus: [/metrics at http:\S+/, 'sending', /[1-9]\d+ packets, \d+ dropped/],
  'aiortc-app': [
    'transport is connecting',
    'transport is connected',
    /sending video \S+ and audio \S+ from process \d+/,
    "connectionState: 'connected'",
  ],
};

describe('npm run example', { concurrency: 2 }, () => {
  for (const [name, patterns] of Object.entries(said)) {
    it(`-- ${name}`, async () => {
      const output = await example(name);
      for (const pattern of patterns) {
        const found = typeof pattern === 'string' ? output.includes(pattern) : pattern.test(output);
        assert.ok(found, `${String(pattern)} is not in:\n${output}`);
      }
    });
  }

  it('lists them', async () => {
    const output = await example();
    for (const name of Object.keys(said)) assert.ok(output.includes(name), name);
  });

  it('has a test of each', () => {
    const programs = readdirSync(path.join(root, 'examples')).map((file) => path.parse(file).name);
    const others = ['room', 'run', 'signalling'];
    assert.deepEqual(
      programs.filter((name) => !others.includes(name)).sort(),
      Object.keys(said).sort(),
    );
  });

  it('is named by README for each', () => {
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
    for (const name of Object.keys(said))
      assert.ok(readme.includes(`(examples/${name}.mjs)`), name);
  });

  for (const name of Object.keys(said)) {
    it(`${name} is short enough to be read at once`, () => {
      const program = readFileSync(path.join(root, 'examples', `${name}.mjs`), 'utf8');
      assert.ok(program.trimEnd().split('\n').length < 80);
    });
  }
});
