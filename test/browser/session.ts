// One Chromium for a file, and pages of it in rooms, closed when the test ends.
import { after, before } from 'node:test';
import type { TestContext } from 'node:test';
import { colourDistance, colours, meanColour } from '../e2e/support/picture.mjs';
import { defaultMediaCodecs } from '../e2e/support/room.mjs';
import type { Picture } from '../e2e/support/picture.mjs';
import type { Room } from '../e2e/session.js';
import { Browser } from './support/browser.mjs';
import type { BrowserPeer } from './support/browser.mjs';

export const limit = { timeout: 240_000 };

/** What the default router takes, and AV1. */
export const mediaCodecs = [
  ...defaultMediaCodecs,
  { kind: 'video' as const, mimeType: 'video/AV1', clockRate: 90_000 },
];

/** Starts a browser before the tests of a file, and ends it after them. Gives what makes a page join a room. */
export function useBrowser(): (t: TestContext, room: Room) => Promise<BrowserPeer> {
  let browser: Browser | undefined;
  before(async () => {
    browser = await Browser.launch();
  });
  after(() => browser?.close());
  return async (t, room) => {
    if (!browser) throw new Error('the browser has not started');
    const peer = await browser.join(room);
    t.after(() => peer.close());
    return peer;
  };
}

/** Chromium takes the colours of untagged video for BT.709's: its red has a little green. */
export function isRed(shown: Picture): boolean {
  return colourDistance(meanColour(shown), colours.red) < 48;
}

/** The one entry of a type. */
export function entryOf(
  report: Iterable<Record<string, unknown>>,
  type: string,
): Record<string, unknown> {
  for (const entry of report) if (entry['type'] === type) return entry;
  throw new Error(`no ${type} in the report`);
}
