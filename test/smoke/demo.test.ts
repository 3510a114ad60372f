// The demo's page in a real browser, in a room with a real bot.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createFactory } from 'mediasoup-client-pion';
import { servePage } from '../../demo/server/serve-page.mjs';
import { Bot } from '../../scripts/demo/bots.mjs';
import { openBrowser } from '../../scripts/demo/browser.mjs';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { createRoom } from '../e2e/support/room.mjs';
import type { Room } from '../e2e/support/room.mjs';

const LIMIT_MS = 30_000;
const FILE = 'bars-440hz.mp4';

type Served = Awaited<ReturnType<typeof servePage>>;
type Counts = ReturnType<typeof countsOf>;

const handlerFactory = createFactory();
let room: Room;
let bot: Bot;
let served: Served;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;
/** What the room holds before any page is there. */
let empty: Counts;
const errors: string[] = [];

before(async () => {
  room = await createRoom();
  const file = fixturePath(FILE);
  bot = await Bot.start(room, new Map(), { handlerFactory, file, codec: 'vp8', label: '' });
  empty = countsOf(room);
  served = await serve(0);
  browser = await openBrowser({ viewport: { width: 360, height: 740 } });
  browser.context.setDefaultTimeout(LIMIT_MS);
  page = await openPage();
});

after(async () => {
  await browser.close();
  await served.close();
  bot.dataSender.stop();
  await room.close();
});

function serve(port: number): Promise<Served> {
  return servePage({
    room,
    bot: { file: FILE, producers: bot.producers },
    handlerFactory,
    host: '127.0.0.1',
    port,
  });
}

async function openPage(): Promise<Page> {
  const opened = await browser.context.newPage();
  opened.on('pageerror', (error) => errors.push(String(error)));
  opened.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await opened.goto(served.url);
  return opened;
}

function countsOf({ server }: Room) {
  const { transports, producers, consumers, dataProducers, dataConsumers } = server;
  return {
    transports: transports.size,
    producers: producers.size,
    consumers: consumers.size,
    dataProducers: dataProducers.size,
    dataConsumers: dataConsumers.size,
  };
}

function isEmpty(): boolean {
  return JSON.stringify(countsOf(room)) === JSON.stringify(empty);
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) assert.fail(`${what}: not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const step = (name: string, state: string) =>
  page.waitForSelector(`[data-step="${name}"][data-state="${state}"]`);

/** Resolves once the corner of a video, where nothing is drawn, has about this colour. */
const colourIs = (selector: string, [red, green, blue]: [number, number, number]) =>
  page.waitForFunction(
    ({ selector, wanted }) => {
      const video = document.querySelector<HTMLVideoElement>(selector);
      if (!video?.videoWidth) return false;
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 8;
      const context = canvas.getContext('2d');
      if (!context) return false;
      context.drawImage(video, 0, 0, 40, 40, 0, 0, 8, 8);
      const seen = context.getImageData(4, 4, 1, 1).data;
      return wanted.every((value, index) => Math.abs(value - (seen[index] ?? 0)) < 40);
    },
    { selector, wanted: [red, green, blue] },
  );

/** The loudest frequency of the sound that the page gets; 0 is silence. */
const loudestHertz = () =>
  page.locator('#bot-video').evaluate(async (video: HTMLVideoElement) => {
    const context = new AudioContext();
    try {
      const analyser = new AnalyserNode(context, { fftSize: 4096 });
      context.createMediaStreamSource(video.srcObject as MediaStream).connect(analyser);
      const [from, started] = [context.currentTime, performance.now()];
      // Long enough for a whole window of samples. A context may not start at once on a busy machine: then another one does.
      while (context.currentTime - from < 0.3 && performance.now() - started < 5_000) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const level = Math.max(...bins);
      // Silence has no energy in any bin.
      return level < -60 ? 0 : (bins.indexOf(level) * context.sampleRate) / analyser.fftSize;
    } finally {
      await context.close();
    }
  });

const pickColour = (colour: string) =>
  page.locator('#colour').evaluate((input: HTMLInputElement, value) => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, colour);

test('the page shows each step until it is connected', async () => {
  for (const name of ['server', 'media', 'chat']) await step(name, 'connected');
  await step('picture', 'off');
  assert.equal(await page.locator('#failure').isVisible(), false);
  assert.equal(await page.locator('#file').textContent(), FILE);
});

test('the picture of the bot moves', async () => {
  const pixels = () =>
    page.locator('#bot-video').evaluate((video: HTMLVideoElement) => {
      const canvas = document.createElement('canvas');
      canvas.width = 70;
      canvas.height = 40;
      const context = canvas.getContext('2d');
      context?.drawImage(video, 0, 0, 70, 40);
      return [...(context?.getImageData(0, 0, 70, 40).data ?? [])];
    });
  await page.waitForFunction(() => {
    return document.querySelector<HTMLVideoElement>('#bot-video')?.videoWidth === 560;
  });
  const first = await pixels();
  // The left bar is light grey, which neither a black picture nor a cover is.
  assert.ok((first[4 * (70 * 10 + 3)] ?? 0) > 120, 'the left bar is not to be seen');
  let moved = false;
  const deadline = performance.now() + LIMIT_MS;
  while (!moved && performance.now() < deadline) {
    const next = await pixels();
    // The patch travels over the lower part: far more than what coding changes.
    moved = next.filter((value, index) => Math.abs(value - (first[index] ?? 0)) > 60).length > 200;
  }
  assert.ok(moved, 'the picture stands still');
});

test('its sound is a tone of 440 Hz that the button lets be heard', async () => {
  const muted = () => page.locator('#bot-video').evaluate((video: HTMLVideoElement) => video.muted);
  assert.equal(await muted(), true);
  await page.locator('#sound').click();
  assert.equal(await muted(), false);
  assert.equal(await page.locator('#sound').getAttribute('aria-pressed'), 'true');
  // The first sounds may be of a decoder that begins, or broken off on a busy machine.
  let heard = 0;
  const isTone = async () => Math.abs((heard = await loudestHertz()) - 440) < 25;
  await until('the tone', isTone).catch((error: unknown) => {
    throw new Error(`the tone is at ${heard} Hz`, { cause: error });
  });
});

test('the bot answers the chat, and takes no markup', async () => {
  const said = '<b>hello</b> there';
  await page.locator('#text').fill(said);
  await page.keyboard.press('Enter');
  await page.getByText(`You said: ${said}`).waitFor();
  assert.equal(await page.locator('#messages b').count(), 0);
  await page.locator('#text').fill('stats');
  await page.keyboard.press('Enter');
  await page.getByText(/Sent as video: [\d,]+ packets/).waitFor();
});

test('a drawing comes back from the bot, and so does its new colour', async () => {
  await pickColour('#00a040');
  await page.locator('#drawing').click();
  await step('picture', 'connected');
  await colourIs('#back-video', [0, 160, 64]);
  await pickColour('#c000c0');
  await colourIs('#back-video', [192, 0, 192]);
});

test('the charts get values', async () => {
  await page.waitForFunction(() => {
    const charts = [...document.querySelectorAll('.chart')];
    const numbers = charts.flatMap((chart) =>
      [...chart.querySelectorAll('dd')].map(({ textContent }) => textContent),
    );
    const lines = charts.flatMap((chart) =>
      [...chart.querySelectorAll('path')].map((path) => path.getAttribute('d') ?? ''),
    );
    // Bitrates and frames, both ways: of round trips and losses 0 is a value, too.
    const flowing = numbers.slice(0, 4).map((text) => Number(text.replaceAll(',', '')));
    return (
      charts.length === 4 &&
      numbers.length === 7 &&
      flowing.every((value) => value > 0) &&
      numbers.every((text) => /^[\d,.]+$/.test(text)) &&
      // A line, not a point.
      lines.every((line) => line.includes('L'))
    );
  });
});

test('the camera takes the place of the drawing, and stops when it is told so', async () => {
  await page.locator('#camera').click();
  await step('picture', 'connected');
  assert.equal(await page.locator('#drawing').getAttribute('aria-pressed'), 'false');
  // Chromium's made-up camera is dark green around a moving pie.
  await colourIs('#back-video', [0, 135, 0]);
  await page.locator('#camera').click();
  await step('picture', 'off');
  await until('only the page’s own file is received', () => {
    return countsOf(room).producers === empty.producers;
  });
});

test('the keyboard alone reaches every control, each of which has a name', async () => {
  const controls = await page
    .locator('button:visible, input:visible, #messages')
    .evaluateAll((elements) => elements.map(({ id, textContent }) => id || textContent));
  const reached = new Set<string>();
  // Once around, from wherever the focus was, and past the page's end.
  for (let presses = 0; presses < 2 * controls.length + 4; presses++) {
    await page.keyboard.press('Tab');
    const { name, outline } = await page.evaluate(() => {
      const { activeElement: element } = document;
      if (!element) return { name: '', outline: '' };
      return {
        name: element.id || element.textContent,
        outline: getComputedStyle(element).outlineStyle,
      };
    });
    if (!controls.includes(name)) continue;
    reached.add(name);
    assert.notEqual(outline, 'none', `${name} does not show that it has the focus`);
  }
  assert.deepEqual([...reached].toSorted(), controls.toSorted());
  const named = page.locator('button, input, video, [role=log]');
  for (const one of await named.all()) {
    const snapshot = await one.ariaSnapshot();
    if (snapshot) assert.match(snapshot, /"[^"]+"/, snapshot);
  }
  await page.locator('#drawing').focus();
  await page.keyboard.press('Space');
  await step('picture', 'connected');
  await page.keyboard.press('Enter');
  await step('picture', 'off');
});

test('nothing overflows at 360 pixels', async () => {
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width > 1 && (left < 0 || right > 360);
      })
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(wide, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
});

test('several pages are in the room at once, each with a bot of its own', async () => {
  const other = await openPage();
  await other.waitForSelector('[data-step="chat"][data-state="connected"]');
  await other.locator('#text').fill('from the other page');
  await other.keyboard.press('Enter');
  await other.getByText('You said: from the other page').waitFor();
  assert.equal(await page.getByText('from the other page').count(), 0);
  assert.equal(served.visitors, 2);
  await other.close();
  await until('the other page left', () => served.visitors === 1);
});

test('a server that goes away is told of, with what to do, and the page joins again', async () => {
  assert.deepEqual(errors, []);
  const port = Number(new URL(served.url).port);
  await served.close();
  await step('server', 'failed');
  await step('media', 'off');
  assert.match(await page.locator('#failure').innerText(), /npm run demo/);
  await until('the room is as it was', () => isEmpty());
  served = await serve(port);
  await page.locator('#again').click();
  await step('chat', 'connected');
  assert.equal(await page.locator('#failure').isVisible(), false);
  // The browser's own words about the lost stream.
  errors.length = 0;
});

test('closing the page leaves the room as it was', async () => {
  await page.locator('#drawing').click();
  await step('picture', 'connected');
  assert.notDeepEqual(countsOf(room), empty);
  await page.close();
  await until('the page left', () => served.visitors === 0);
  await until('the room is as it was', () => isEmpty());
  assert.deepEqual(errors, []);
});
