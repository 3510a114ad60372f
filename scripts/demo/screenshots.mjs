// Makes the pictures of the page that the docs show: a desktop by day, a phone by night.
/* global document */
import fs from 'node:fs';
import path from 'node:path';
import { createRoom } from '../../test/e2e/support/room.mjs';
import { inProject } from '../lib/project.mjs';
import { Bot } from './bots.mjs';
import { openBrowser } from './browser.mjs';
import { openPage } from './page.mjs';

const MAX_BYTES = 150_000;
const LIMIT_MS = 120_000;
// Seconds that the charts show: enough to look like charts.
const POINTS = 45;

const SCREENS = [
  { name: 'demo-desktop.png', width: 1000, height: 800, colorScheme: 'light' },
  { name: 'demo-phone.png', width: 360, height: 800, colorScheme: 'dark' },
];

export async function takeScreenshots(options, { createFactory }) {
  const room = await createRoom();
  const handlerFactory = createFactory();
  const { file, codec } = options;
  const bot = await Bot.start(room, new Map(), { handlerFactory, file, codec, label: '' });
  const page = await openPage(room, { ...options, port: 0 }, { bot, handlerFactory });
  try {
    for (const screen of SCREENS) {
      const image = await takeScreenshot(page.url, screen);
      if (image.length > MAX_BYTES) {
        throw new Error(`${screen.name} has ${image.length} bytes, more than ${MAX_BYTES}`);
      }
      const target = inProject('docs/images', screen.name);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, image);
      console.log(`${path.relative(inProject(), target)}  ${image.length} bytes`);
    }
  } finally {
    await page.close();
    bot.dataSender.stop();
    await room.close();
  }
}

async function takeScreenshot(url, { width, height, colorScheme }) {
  const browser = await openBrowser({ viewport: { width, height }, colorScheme });
  try {
    const [page] = browser.context.pages();
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(url);
    await page.locator('[data-step=chat][data-state=connected]').waitFor();
    for (const text of ['Hello, bot!', 'stats']) await say(page, text);
    await page.locator('#drawing').click();
    await page.locator('[data-step=picture][data-state=connected]').waitFor();
    await page.waitForFunction((points) => {
      const line = document.querySelector('.chart path.first').getAttribute('d');
      return line.split('L').length > points;
    }, POINTS);
    // No control looks as if a pointer or the keyboard were on it.
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.activeElement.blur());
    return await page.screenshot({ fullPage: true });
  } finally {
    await browser.close();
  }
}

async function say(page, text) {
  const answers = page.locator('#messages .bot');
  const before = await answers.count();
  await page.locator('#text').fill(text);
  await page.keyboard.press('Enter');
  await answers.nth(before).waitFor();
}
