// Node.js' permission model: native code is beyond it, so what it forbids is refused before.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { nodePrograms } from '../../scripts/lib/node-versions.mjs';
import { folder } from '../e2e/recordings.js';
import { openRoom } from '../e2e/session.js';
import { root } from '../unit/waist/native.js';
import { clip } from './participants.js';

const run = promisify(execFile);
const program = path.join(import.meta.dirname, 'support', 'permitted.mjs');
const major = Number(process.versions.node.split('.')[0]);
const flag = major < 22 ? '--experimental-permission' : '--permission';

type Outcomes = Record<string, string | undefined>;

/** What a process may open that has only these permissions, and what is of this project. Nothing of it is left open. */
async function outcomesOf(node: string, flags: string[], asked: object): Promise<Outcomes> {
  const ours = ['--allow-addons', '--no-warnings', `--allow-fs-read=${root}*`];
  const { stdout } = await run(node, [...flags, ...ours, program, JSON.stringify(asked)]);
  const { outcomes, left } = JSON.parse(stdout) as { outcomes: Outcomes; left: unknown[] };
  assert.deepEqual(left, []);
  return outcomes;
}

test('under the permission model what may not be read is not played, and what may not be written is not recorded', async (t) => {
  const at = realpathSync(folder(t));
  const inside = (...names: string[]) => path.join(at, ...names);
  for (const name of ['open', 'secret', 'alone', 'written']) mkdirSync(inside(name));
  for (const name of ['open', 'secret']) {
    copyFileSync(clip, inside(name, 'clip.mp4'));
    const list = inside(name === 'open' ? 'open' : 'alone', 'list.m3u8');
    await run('ffmpeg', ['-v', 'error', '-i', clip, '-c', 'copy', '-f', 'hls', list]);
  }
  copyFileSync(clip, inside('alone', 'clip.mp4'));
  const file = (...names: string[]) => ({ source: 'file', file: inside(...names) });
  const plays = {
    'a file of a folder': file('open', 'clip.mp4'),
    'a URL of it': { source: 'file', file: `file://${inside('open', 'clip.mp4')}` },
    'its playlist': file('open', 'list.m3u8'),
    'a file alone': file('alone', 'clip.mp4'),
    'another file': file('secret', 'clip.mp4'),
    'by a way around': { source: 'file', file: `${at}/open/../secret/clip.mp4` },
    'by a URL': { source: 'file', file: `file://localhost${inside('secret')}/cli%70.mp4` },
    'by a playlist alone': file('alone', 'list.m3u8'),
    'a key of TLS': {
      source: 'url',
      url: 'https://127.0.0.1:1/a.mp4',
      options: { key_file: inside('secret', 'key.pem') },
    },
  };
  const records = {
    'to its folder': inside('written', 'a.webm'),
    'to another': inside('secret', 'a.webm'),
    'a playlist': inside('written', 'list.m3u8'),
    'a playlist beside': inside('alone', 'one.m3u8'),
  };
  const reads = [inside('open', '*'), inside('alone', 'clip.mp4'), inside('alone', 'list.m3u8')];
  const writes = [inside('written', '*'), inside('alone', 'one.m3u8')];
  const flags = [
    flag,
    ...reads.map((name) => `--allow-fs-read=${name}`),
    ...writes.map((name) => `--allow-fs-write=${name}`),
  ];
  const outcomes = await outcomesOf(process.execPath, flags, { plays, records });
  for (const name of ['a file of a folder', 'a URL of it', 'its playlist', 'a file alone']) {
    assert.equal(outcomes[name], 'works', name);
  }
  for (const name of ['another file', 'by a way around', 'by a URL', 'a key of TLS']) {
    assert.match(
      outcomes[name] ?? '',
      /^NotAllowedError ERR_NOT_ALLOWED: .*--permission forbids it: start Node\.js with --allow-/,
      name,
    );
  }
  const key = inside('secret', 'key.pem');
  assert.match(outcomes['a key of TLS'] ?? '', /the file of option "key_file"/);
  assert.ok(outcomes['a key of TLS']?.includes(`--allow-fs-read=${key}`));
  assert.match(outcomes['by a playlist alone'] ?? '', /^NotAllowedError .* is a playlist, and/);
  assert.deepEqual([outcomes['to its folder'], outcomes['a playlist']], ['works', 'works']);
  for (const name of ['to another', 'a playlist beside']) {
    assert.match(outcomes[name] ?? '', /^NotAllowedError .*--allow-fs-write=/, name);
  }
  assert.ok(!existsSync(inside('secret', 'a.webm')));
});

test('without --allow-net, where Node.js has it, there is no transport and no URL, and nothing of them is left', async (t) => {
  const node = nodePrograms().find((one) => one.major >= 25)?.program ?? '';
  const { server } = await openRoom(t);
  const asked = {
    plays: {
      'a URL': { source: 'url', url: 'http://127.0.0.1:1/a.mp4' },
      'a file': { source: 'file', file: clip },
    },
    server: {
      routerRtpCapabilities: await server.request('getRouterRtpCapabilities'),
      transport: await server.request('createTransport', { direction: 'send' }),
    },
  };
  const flags = ['--permission', `--allow-fs-read=${path.dirname(clip)}/*`];
  const refused = await outcomesOf(node, flags, asked);
  for (const [name, what] of [
    ['a transport', 'a transport'],
    ['a URL', 'http://127.0.0.1:1/a.mp4'],
  ] as const) {
    assert.equal(
      refused[name],
      `NotAllowedError ERR_NOT_ALLOWED: ${what}: --permission forbids it: start Node.js with --allow-net too`,
    );
  }
  assert.equal(refused['a file'], 'works');
  const allowed = await outcomesOf(node, [...flags, '--allow-net'], asked);
  assert.deepEqual([allowed['a transport'], allowed['a file']], ['works', 'works']);
  assert.match(allowed['a URL'] ?? '', /^NetworkError /);
});
