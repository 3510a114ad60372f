// The examples that look at pictures: that what they see is what is sent, and of now.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { VideoFrame, VideoTrackGenerator } from 'mediasoup-client-pion';
import { PNG } from 'pngjs';
import { join, openRoom } from '../e2e/session.js';
import { colourDistance, meanColour } from '../e2e/support/picture.mjs';
import { startExample } from './support/example.js';

const FRAMES_PER_SECOND = 30;

const colours = {
  red: { red: 254, green: 0, blue: 0 },
  green: { red: 0, green: 254, blue: 0 },
  blue: { red: 0, green: 0, blue: 254 },
};
type Colour = keyof typeof colours;

/** A room with video of one colour and size, which are those of now. */
async function openScreen(t: TestContext) {
  const room = await openRoom(t);
  const generator = new VideoTrackGenerator();
  await (await (await join(room)).createSendTransport()).produce({ track: generator.track });
  const shown = { colour: 'red' as Colour, width: 640, height: 360, count: 0 };
  const timer = setInterval(() => {
    const { colour, width, height } = shown;
    const { red, green, blue } = colours[colour];
    const rgba = new Uint32Array(width * height).fill(
      new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0] ?? 0,
    );
    const timestamp = performance.now() * 1000;
    const init = { format: 'RGBA', codedWidth: width, codedHeight: height, timestamp } as const;
    generator.write(new VideoFrame(rgba, init)).catch(() => {
      clearInterval(timer);
    });
    shown.count++;
  }, 1000 / FRAMES_PER_SECOND);
  t.after(() => {
    clearInterval(timer);
    generator.track.stop();
  });
  return { room, shown };
}

describe('the frame grabber', () => {
  it('writes a PNG a second, of the size and the colour of now', async (t) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'frame-grabber-'));
    t.after(() => rm(folder, { recursive: true }));
    const { room, shown } = await openScreen(t);
    const grabber = await startExample(t, room, 'frame-grabber.mjs', folder, '300');
    await grabber.prints(/\.png: /);
    const begin = performance.now();
    for (const [colour, width, height, scaled] of [
      ['red', 640, 360, '320x180'],
      ['blue', 640, 360, '320x180'],
      ['green', 360, 480, '320x427'],
    ] as const) {
      Object.assign(shown, { colour, width, height });
      const before = grabber.lines.length;
      let right = 0;
      for (let number = before; right < 2; number++) {
        const line = await grabber.prints(/\.png: /, number);
        const [, file = '', size = ''] = /^(.*): (\S+)$/.exec(line) ?? [];
        const png = PNG.sync.read(await readFile(file));
        assert.equal(`${png.width}x${png.height}`, size);
        const { width: columns, height: rows } = png;
        const data = png.data.filter((_, index) => index % 4 !== 3);
        const mean = meanColour({ width: columns, height: rows, data });
        const distance = colourDistance(mean, colours[colour]);
        if (distance < 24 && size === scaled) right++;
        // Some may have been on their way.
        else assert.ok(number < before + 3, `${line} is not ${colour} and ${scaled}`);
      }
    }
    const seconds = (performance.now() - begin) / 1000;
    const { length } = grabber.lines;
    assert.ok(length < 1.2 * seconds + 2 && length > seconds / 4, `${length} in ${seconds} s`);
  });
});

describe('the classifier', () => {
  it('leaves out what it has no time for, and is never behind', async (t) => {
    const look = 400;
    const { room, shown } = await openScreen(t);
    const classifier = await startExample(t, room, 'classifier.mjs', '300', String(look));
    await classifier.prints(/^red/);
    const first = shown.count;
    for (const colour of ['green', 'red', 'blue', 'green'] as const) {
      // Time enough to fall behind: in each look twelve pictures come.
      await classifier.prints(new RegExp(`\\(${classifier.lines.length + 5} looked at`));
      shown.colour = colour;
      const changed = performance.now();
      await classifier.prints(new RegExp(`^${colour} `), classifier.lines.length);
      const age = performance.now() - changed;
      // Who is behind is so by 26 s; a busy machine is not.
      assert.ok(age < 25 * look, `${colour} was seen after ${age} ms`);
    }
    const last = classifier.lines.at(-1) ?? '';
    const [looked = 0, not = 0] = (last.match(/\d+/g) ?? []).map(Number);
    const sent = shown.count - first;
    assert.ok(not > 3 * looked, `of ${sent} pictures ${last}`);
    assert.ok(
      looked + not > 0.5 * sent && looked + not < 1.5 * sent + 30,
      `of ${sent} pictures ${last}`,
    );
  });
});
