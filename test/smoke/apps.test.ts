// Programs as users of mediasoup-client-aiortc write them, in apps/, with this package in its place: each in a room on a real
// server. What they send is looked at there, and each ends by itself.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { decodePictures, decodeSound } from '../e2e/support/decode.mjs';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import type { Room } from '../e2e/support/room.mjs';
import { loudness, strongestTone } from '../e2e/support/tone.mjs';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { install, root, runApp } from './support/app.js';
import type { Steps } from './support/app.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'apps-'));
const apps = path.join(folder, 'apps');
const red = fixturePath('red-440hz.mp4');
const blue = fixturePath('blue.mp4');

function perform(cwd: string, command: string, ...args: string[]): void {
  const { status, stderr, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
}

before(() => {
  for (const name of ['drop-in', 'apps']) {
    cpSync(path.join(import.meta.dirname, name), path.join(folder, name), { recursive: true });
  }
  install(folder);
});

after(() => {
  rmSync(folder, { recursive: true });
});

const ofKind = ({ server }: Room, kind: 'audio' | 'video') =>
  [...server.producers.values()].filter((producer) => producer.kind === kind);

async function assertColour(room: Room, colour: keyof typeof colours): Promise<void> {
  for (const producer of ofKind(room, 'video')) {
    const pictures = await decodePictures(room, producer, { count: 10, timeoutMs: 60_000 });
    const last = pictures.at(-1) ?? assert.fail('no picture');
    assert.ok(colourDistance(meanColour(last), colours[colour]) < 24, colour);
  }
}

async function assertTone(room: Room, ...frequencies: number[]): Promise<void> {
  const heard: number[] = [];
  for (const producer of ofKind(room, 'audio')) {
    const { frequency, share } = strongestTone(
      await decodeSound(room, producer, { timeoutMs: 60_000 }),
    );
    assert.ok(share > 0.5, `${frequency} Hz: ${share}`);
    heard.push(frequency);
  }
  assert.deepEqual(heard, frequencies);
}

/** An RTSP camera that shows red and sounds 440 Hz, until the test ends. */
async function camera(t: TestContext): Promise<string> {
  const program = path.join(folder, 'rtsp-server');
  perform(root, 'go', 'build', '-o', program, './test/smoke/support/rtsp-server');
  const server = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => server.stdin.end());
  const [url] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  const publisher = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', red],
      ...['-c:v', 'copy', '-c:a', 'libopus', '-f', 'rtsp', '-rtsp_transport', 'tcp', url],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  t.after(() => publisher.kill());
  // Until it is published.
  for (let shown = false; !shown;) {
    const { status } = spawnSync('ffprobe', ['-loglevel', 'quiet', '-rtsp_transport', 'tcp', url]);
    shown = status === 0;
  }
  return url;
}

describe('a user of mediasoup-client-aiortc', { timeout: 600_000 }, () => {
  it('sends an RTSP camera that is given as a file', async (t) => {
    const live = async (room: Room) => {
      await assertColour(room, 'red');
      await assertTone(room, 440);
    };
    assert.deepEqual(
      await runApp(path.join(apps, 'rtsp-camera.mjs'), [await camera(t)], { live }),
      {
        players: 1,
        kinds: ['audio', 'video'],
      },
    );
  });

  it('plays MP3s by file:/ paths in two Devices of a Worker', async () => {
    const files = ([440, 660] as const).map((frequency) => {
      const file = path.join(folder, `${frequency} Hz, #1 100%.mp3`);
      const graph = `sine=frequency=${frequency}:sample_rate=44100:duration=20`;
      perform(folder, 'ffmpeg', ...['-loglevel', 'error', '-f', 'lavfi', '-i', graph, file]);
      return file;
    });
    const steps: Steps = {
      playing: (room) => assertTone(room, 440, 660),
      alone: async (room) => {
        await assertTone(room, 660);
      },
    };
    assert.deepEqual(await runApp(path.join(apps, 'mp3-bot.cjs'), files, steps), {
      handlers: [2, 1],
      ends: ['ended', 'ended', false],
    });
  });

  it('fills a room with ten transports of one Worker, in TypeScript', async () => {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const options = ['--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'node16'];
    const out = path.join(folder, 'out');
    const source = path.join(apps, 'room-bot.ts');
    const lib = ['--lib', 'es2023,dom,dom.iterable', '--types', 'node'];
    perform(folder, process.execPath, tsc, ...options, ...lib, '--outDir', out, source);
    assert.deepEqual(await runApp(path.join(out, 'apps', 'room-bot.js'), [red]), {
      transports: 10,
      consumers: 40,
      left: [8, 6, 4, 2, 0],
      ended: 40,
      players: 0,
    });
  });

  it('makes load, awaiting createHandlerFactory(), and closes the Workers alone', async () => {
    const loaded = async (room: Room) => {
      for (const producer of room.server.producers.values()) {
        const tap = await room.plainTap(producer);
        await tap.packets(5, { timeoutMs: 30_000 });
        await tap.close();
      }
      assert.equal(room.server.producers.size, 12);
    };
    assert.deepEqual(await runApp(path.join(apps, 'load-bot.mjs'), [red], { loaded }), {
      players: [1, 1],
      consumers: 12,
    });
  });

  for (const [protocol, options] of Object.entries({
    UDP: {},
    TCP: { udp: false, tcp: true },
    'UDP or TCP': { tcp: true },
  })) {
    it(`does what mediasoup's own demo does, over ${protocol}`, async () => {
      const steps: Steps = {
        'red and a tone': async (room) => {
          await assertColour(room, 'red');
          await assertTone(room, 440);
        },
        silence: async (room) => {
          for (const producer of ofKind(room, 'audio')) {
            assert.ok(loudness(await decodeSound(room, producer, { timeoutMs: 60_000 })) < 0.02);
          }
        },
        'blue and a tone': async (room) => {
          await assertColour(room, 'blue');
          await assertTone(room, 440);
        },
        'the same after a restart': async (room) => {
          for (const { iceState, dtlsState, iceSelectedTuple } of room.server.transports.values()) {
            assert.match(iceState, /connected|completed/);
            assert.equal(dtlsState, 'connected');
            const expected = protocol === 'TCP' ? 'tcp' : 'udp';
            assert.equal(iceSelectedTuple?.protocol, expected);
          }
          await assertColour(room, 'blue');
          await assertTone(room, 440);
        },
      };
      const states = ['connecting', 'connected', 'connecting', 'connected'];
      assert.deepEqual(await runApp(path.join(apps, 'demo-app.mjs'), [red, blue], steps, options), {
        states: { send: states, recv: states },
        streams: [
          { ordered: false, maxRetransmits: 1 },
          { ordered: false, maxPacketLifeTime: 2000 },
        ],
        paused: [false, false],
      });
    });
  }
});
