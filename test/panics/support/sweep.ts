// A process in which one place after the other panics, beside somebody to whom nothing happens:
//   sweep.ts LIFE
import { allDeaths, arm, armAnywhere, deathsOf, disarm, entered } from './armed.js';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as pion from '../../../lib/index.js';
import { Holdings } from '../../e2e/holdings.js';
import { createRoom } from '../../e2e/support/room.mjs';
import { fixture, until } from '../../e2e/session.js';
import { live as liveAside } from '../../life/support/live.mjs';
import { Rpc } from '../../network/support/rpc.mjs';
import { lives } from './lives.js';
import type { Attempt, Outcome } from './places.js';
import { panicAt } from './message.js';
import { Stage } from './stage.js';

/** For how long a hidden Worker waits for another use: the next life is to have one of its own, which is looked at. */
const LINGERS_MS = 1500;

/** What a busy machine may take for what is done at once. */
const LIMIT = { timeoutMs: 120_000, everyMs: 50 };

const name = process.argv[2] ?? '';
const life = lives[name];
if (!life) throw new Error(`${name} is no life`);
const { live, room: options = {}, isHidden = false, isAbrupt = false, arms = false } = life;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'panics-'));
const room = await createRoom(options);
const holdings = new Holdings();
const aside = await liveAside(new Stage(room, folder).request, {
  ...{ clip: fixture('red-440hz.mp4'), recording: path.join(folder, 'aside.webm') },
  pion,
});

/** Lives once, until `meanwhile` resolves, and ends: nothing of it may wait for ever. */
async function once(
  place: string,
  meanwhile: (stage: Stage, living: Promise<unknown>) => Promise<void>,
) {
  const stage = new Stage(room, folder, place);
  let isOver = false;
  const living = live(stage).finally(() => (isOver = true));
  living.catch(() => undefined);
  try {
    await meanwhile(stage, living);
  } finally {
    await stage.end({ isAbrupt });
    await until('what the life waits for settles', () => isOver, LIMIT);
    if (isHidden) await sleep(LINGERS_MS);
    disarm();
  }
  return stage;
}

const isEntered = async (place: string): Promise<boolean> =>
  Object.keys(await entered()).some((one) => panicAt(one).startsWith(panicAt(place)));

arm('');
await armAnywhere('');
await once('', async (_, living) => {
  await living;
});
const places = Object.keys(await entered());
const before = await holdings.settled(LIMIT.timeoutMs);

async function attempt({ place, when }: Attempt): Promise<Outcome> {
  arm(when === 'anywhere' ? '' : place);
  if (when === 'anywhere' && !arms) await armAnywhere(place);
  const stage = await once(place, async (stage, living) => {
    if (when !== 'during') await living;
    if (when === 'end') return;
    let isLive = false;
    let failure: unknown;
    living.then(
      () => (isLive = true),
      (error: unknown) => (failure = error),
    );
    await until(
      `${place} is entered`,
      async () => {
        const failed = failure;
        if (await isEntered(place)) return true;
        // What keeps it from being entered is to be known.
        if (failed) throw failed as Error;
        if (isLive) await stage.nudge();
        return false;
      },
      LIMIT,
    );
    if (when === 'during') {
      await until(`a Worker died of ${place}`, () => deathsOf(place).length > 0, LIMIT);
    }
  });
  if (when === 'end') await until(`${place} is entered`, () => isEntered(place), LIMIT);
  await armAnywhere('');
  // Whoever it was, all others go on.
  await aside.flows();
  return {
    isTold: deathsOf(place).length > 0,
    isHeard: stage.died || isHidden || when !== 'during',
    others: allDeaths().filter((message) => !deathsOf(place).includes(message)),
    left: await holdings.left(before, LIMIT.timeoutMs),
  };
}

const outside = new Rpc(process, {
  attempt,
  async close() {
    await aside.close();
    await room.close();
    fs.rmSync(folder, { recursive: true });
    process.exitCode = 0;
    setImmediate(() => {
      process.disconnect();
    });
  },
});
await outside.call('ready', { places });
