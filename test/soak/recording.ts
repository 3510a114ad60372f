// Files that a bot records.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { MediaRecorder } from 'mediasoup-client-pion';
import { open } from './action.js';
import type { Action } from './action.js';
import type { Bot, Recording } from './bot.js';
import type { Chance } from './chance.js';
import { inTime } from './in-time.js';

const MOST_RECORDINGS = 2;

/** What each container holds, and what it is asked for by where there is no file. */
const containers = {
  webm: { holds: /VP8|VP9|opus/, mimeType: 'video/webm' },
  mkv: { holds: /VP8|VP9|H264|opus|PCM/, mimeType: 'video/x-matroska' },
  mp4: { holds: /H264|opus/, mimeType: 'video/mp4' },
  m3u8: { holds: /H264|opus/, mimeType: undefined },
  wav: { holds: /opus|PCM/, mimeType: 'audio/wav' },
};

/** Received tracks: one, or several of different bots. */
function choose(bot: Bot, chance: Chance) {
  const ending = chance.of(Object.keys(containers)) as keyof typeof containers;
  const fits = open(bot.received).filter(({ consumer }) =>
    containers[ending].holds.test(consumer.rtpParameters.codecs[0]?.mimeType ?? ''),
  );
  return {
    ending,
    tracks: fits.slice(0, ending === 'wav' ? 1 : 3).map(({ consumer }) => consumer.track),
  };
}

async function end(bot: Bot, recording: Recording): Promise<void> {
  const { recorder, file } = recording;
  bot.recordings.delete(recording);
  const tracks = recorder.stream as MediaStreamTrack[];
  try {
    const { frames, duration } = await inTime('the end of a recording', recorder.stop());
    assert.ok(frames >= 0 && duration >= 0);
    if (file && frames > 0) assert.ok(fs.statSync(file).size > 0, `${file} is empty`);
  } catch (error) {
    // There may be none of its tracks by the time it begins, and nothing may have come.
    if (tracks.some(({ readyState }) => readyState === 'live')) throw error;
    bot.world.met(`a recording without tracks: ${(error as Error).name}`);
  }
  assert.equal(recorder.state, 'inactive');
  if (file) fs.rmSync(path.dirname(file), { recursive: true });
}

export const recording: Action[] = [
  {
    name: 'record',
    weight: 4,
    can: (bot) => bot.recordings.size < MOST_RECORDINGS && open(bot.received).length > 0,
    run(bot, chance) {
      const { ending, tracks } = choose(bot, chance);
      if (tracks.length === 0) return;
      const { mimeType } = containers[ending];
      const file =
        mimeType === undefined || chance.happens(0.7)
          ? path.join(
              fs.mkdtempSync(path.join(bot.world.folder, 'recording-')),
              `recorded.${ending}`,
            )
          : undefined;
      const recorder = new MediaRecorder(tracks, file ? { file } : { mimeType: mimeType ?? '' });
      bot.world.note(`${bot.name} records ${ending} of ${tracks.map(({ kind }) => kind).join()}`);
      recorder.start(file ? undefined : 200);
      bot.recordings.add({ recorder, file });
    },
  },
  {
    name: 'pause or resume a recording',
    weight: 2,
    can: ({ recordings }) => running(recordings).length > 0,
    run({ recordings }, chance) {
      const { recorder } = chance.of(running(recordings));
      if (recorder.state === 'paused') recorder.resume();
      else recorder.pause();
    },
  },
  {
    name: 'end a recording',
    weight: 3,
    can: ({ recordings }) => recordings.size > 0,
    async run(bot, chance) {
      await end(bot, chance.of(bot.recordings));
    },
  },
];

function running(recordings: Set<Recording>): Recording[] {
  return [...recordings].filter(({ recorder }) => recorder.state !== 'inactive');
}

/** Ends all of a bot that leaves. */
export async function endRecordings(bot: Bot): Promise<void> {
  for (const one of bot.recordings) await end(bot, one);
}
