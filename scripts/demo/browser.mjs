// A Chromium without a window, a camera that is made up, and nothing kept from one run to the next.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const PROGRAM = process.env.CHROMIUM || '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/**
 * @param {object} [settings] of Playwright's browser context: viewport, colorScheme …
 * @returns {Promise<{ context: import('playwright-core').BrowserContext, close(): Promise<void> }>}
 */
export async function openBrowser(settings = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'demo-browser-'));
  const forget = () => fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: PROGRAM,
      headless: true,
      args: FLAGS,
      ...settings,
    });
    return {
      context,
      async close() {
        await context.close();
        forget();
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}
