// Frames that a bot reads of what it receives, and of what it sends.
import { MediaStreamTrackProcessor, grabFrame } from 'mediasoup-client-pion';
import { open } from './action.js';
import type { Action } from './action.js';
import type { Bot } from './bot.js';
import type { Chance } from './chance.js';

const MOST_READINGS = 2;

function tracksOf(bot: Bot): MediaStreamTrack[] {
  const received = open(bot.received).map(({ consumer }) => consumer.track);
  // What is coded by the app is not decoded for it here.
  const sent = open(bot.sent).flatMap(({ source }) => (source.plain ? [source.track] : []));
  return [...received, ...sent];
}

/** Reads until it is stopped or the track ends. */
function read(bot: Bot, track: MediaStreamTrack): void {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  let isStopped = false;
  const ended = (async () => {
    for (;;) {
      const { value } = await reader.read();
      if (!value) return;
      value.close();
    }
  })().catch((error: unknown) => {
    if (!isStopped && track.readyState === 'live') bot.world.fail(`reading: ${String(error)}`);
  });
  const reading = {
    async stop() {
      isStopped = true;
      await reader.cancel().catch(() => undefined);
      await ended;
    },
  };
  bot.readings.add(reading);
  void ended.then(() => bot.readings.delete(reading));
}

export const reading: Action[] = [
  {
    name: 'read frames',
    weight: 3,
    can: (bot) => bot.readings.size < MOST_READINGS && tracksOf(bot).length > 0,
    run(bot, chance: Chance) {
      read(bot, chance.of(tracksOf(bot)));
    },
  },
  {
    name: 'stop reading',
    weight: 2,
    can: ({ readings }) => readings.size > 0,
    async run({ readings }, chance) {
      await chance.of(readings).stop();
    },
  },
  {
    name: 'grabFrame',
    weight: 2,
    can: ({ sent }) => open(sent).some(isPicture),
    async run(bot, chance) {
      const { source } = chance.of(open(bot.sent).filter(isPicture));
      bot.world.note(`${bot.name} grabs of ${source.name}`);
      const frame = await grabFrame(source.track);
      frame.close();
    },
  },
];

function isPicture({
  source,
  paused,
}: {
  source: { plain: boolean; track: MediaStreamTrack };
  paused: boolean;
}): boolean {
  return source.plain && !paused && source.track.kind === 'video';
}
