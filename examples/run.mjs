#!/usr/bin/env node
// Runs an example against a real mediasoup server on this machine, with what it needs on the other side.
//
//   npm run example -- <name> [media file]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bootstrap } from '../scripts/bootstrap.mjs';
import { fixturePath } from '../scripts/lib/fixtures.mjs';
import { inProject } from '../scripts/lib/project.mjs';
import { printFailure } from '../scripts/lib/steps.mjs';

const SECONDS = '10';

/** Where examples write to. */
const temporary = (name) =>
  path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'mediasoup-client-pion-')), name);

/** Programs and their arguments after the room's url; the first is the example, the others end with it. */
const examples = {
  'send-file': (file) => [['send-file.mjs', file]],
  'receive-and-echo': (file) => [
    ['receive-and-echo.mjs', SECONDS],
    ['aiortc-app.mjs', file, SECONDS],
  ],
  'end-to-end-encryption': (file) => [
    ['end-to-end-encryption.mjs', 'receive', 'a secret', SECONDS],
    ['end-to-end-encryption.mjs', 'send', 'a secret', file],
  ],
  'aiortc-app': (file) => [['aiortc-app.mjs', file, SECONDS]],
  'record-room': (file) => [
    ['record-room.mjs', temporary('room.mkv'), '5'],
    ['send-file.mjs', file],
  ],
  canvas: () => [['canvas.mjs', '5']],
  'voice-agent': () => [
    ['voice-agent.mjs', '15'],
    ['speech.mjs', 'Hello. Is anybody there?', '15'],
  ],
  speech: () => [
    ['speech.mjs', 'The quick brown fox jumps over the lazy dog', '2'],
    ['speech.mjs', 'Pack my box with five dozen liquor jugs', SECONDS],
  ],
  'frame-grabber': (file) => [
    ['frame-grabber.mjs', temporary('pictures'), SECONDS],
    ['send-file.mjs', file],
  ],
  classifier: (file) => [
    ['classifier.mjs', SECONDS],
    ['send-file.mjs', file],
  ],
  prometheus: (file) => [['prometheus.mjs', file, '5']],
};

async function main() {
  const [name, file] = process.argv.slice(2);
  if (!Object.hasOwn(examples, name ?? '')) {
    console.log('Usage: npm run example -- <name> [media file]\n');
    console.log(`The names are ${Object.keys(examples).join(', ')}.`);
    process.exitCode = name === undefined || name === '--help' ? 0 : 2;
    return;
  }
  await bootstrap({ for: 'demo' });
  const { createRoom } = await import('../test/e2e/support/room.mjs');
  const { serveRoom } = await import('../test/e2e/support/signalling.mjs');

  const room = await createRoom();
  const served = await serveRoom(room);
  const media = file ? path.resolve(file) : fixturePath('bars-440hz.mp4');
  const children = examples[name](media).map(([program, ...args]) => {
    console.log(`$ node examples/${program} ${[served.url, ...args].join(' ')}`);
    return spawn(process.execPath, [inProject('examples', program), served.url, ...args], {
      stdio: 'inherit',
    });
  });
  const end = () => children.forEach((child) => child.kill());
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
  try {
    const [code] = await once(children[0], 'exit');
    process.exitCode = code ?? 1;
  } finally {
    end();
    await served.close();
    await room.close();
  }
}

main().catch((error) => {
  printFailure(error);
  process.exitCode = 1;
});
