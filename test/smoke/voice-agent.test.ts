// The example that hears and answers: when it begins, with what, and when it ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { AudioData, AudioTrackGenerator, MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import { join, openRoom, until } from '../e2e/session.js';
import { loudness, strongestTone } from '../e2e/support/tone.mjs';
import { producerOf, startExample } from './support/example.js';

const SAMPLE_RATE = 16_000;
/** How long the example waits for more. */
const PAUSE_MS = 500;
const LOUD = 0.02;

type Heard = { at: number; samples: Float32Array };

/** A tone of each frequency for as many seconds; 0 is silence. */
function tones(...parts: (readonly [frequency: number, seconds: number])[]): Int16Array {
  return Int16Array.from(
    parts.flatMap(([frequency, seconds]) =>
      Array.from(
        { length: seconds * SAMPLE_RATE },
        (_, i) => 12_000 * Math.sin((2 * Math.PI * frequency * i) / SAMPLE_RATE),
      ),
    ),
  );
}

/** Somebody who calls the agent, and all that they hear. */
async function call(t: TestContext) {
  const room = await openRoom(t);
  const agent = await startExample(t, room, 'voice-agent.mjs', '300');
  const agentsVoice = await producerOf(room, 'audio');
  const caller = await join(room);
  const voice = new AudioTrackGenerator();
  const producer = await (await caller.createSendTransport()).produce({ track: voice.track });
  const { track } = await room.consume(caller, agentsVoice);

  const heard: Heard[] = [];
  const listening = (async () => {
    const audio = { sampleRate: SAMPLE_RATE, numberOfChannels: 1, format: 'f32' } as const;
    const { readable } = new MediaStreamTrackProcessor<AudioData>({ track, audio });
    for await (const data of readable) {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0 });
      data.close();
      heard.push({ at: performance.now(), samples });
    }
  })();
  t.after(() => listening);
  // Both hear each other from now on.
  await until('silence', () => heard.length > 0);
  await until('a listener', () =>
    [...room.server.consumers.values()].some(
      (one) => one.producerId === producer.id && !one.paused,
    ),
  );

  return {
    agent,
    heard,
    pause: () => room.serverProducer(producer).pause(),
    /** Says it, and gives when it ends at the earliest. */
    say: async (data: Int16Array): Promise<number> => {
      const init = { format: 's16', sampleRate: SAMPLE_RATE, numberOfChannels: 1 } as const;
      const end = performance.now() + (data.length / SAMPLE_RATE) * 1000;
      await voice.write(
        new AudioData({ ...init, numberOfFrames: data.length, timestamp: 0, data }),
      );
      await voice.drained();
      return end;
    },
  };
}

const isLoud = ({ samples }: Heard) => loudness({ sampleRate: SAMPLE_RATE, samples }) > LOUD;

/** The sound of pieces together. */
function soundOf(pieces: Heard[]) {
  const samples = new Float32Array(pieces.flatMap((piece) => [...piece.samples]));
  return { sampleRate: SAMPLE_RATE, samples, seconds: samples.length / SAMPLE_RATE };
}

describe('the voice agent', () => {
  for (const muted of [false, true]) {
    const how = muted ? 'who is muted then' : 'who is silent then';
    it(`answers ${how} with all that they said, after a pause that is long enough`, async (t) => {
      const { agent, heard, pause, say } = await call(t);
      const end = await say(tones([0, 0.5], [440, 0.9], [0, 0.2], [660, 1]));
      if (muted) await pause();
      await agent.prints(/^answered$/);
      // What is on its way still comes.
      await until('silence', () => heard.slice(-25).every((piece) => !isLoud(piece)));

      const loud = heard.filter(isLoud);
      const waited = (loud[0]?.at ?? 0) - end;
      assert.ok(waited > 0.9 * PAUSE_MS, `it answered after ${waited} ms`);
      const answer = soundOf(loud);
      assert.ok(answer.seconds > 1.7 && answer.seconds < 2.1, `it said ${answer.seconds} s`);
      const half = loud.length / 2;
      assert.equal(strongestTone(soundOf(loud.slice(0, half))).frequency, 440);
      assert.equal(strongestTone(soundOf(loud.slice(half + 5))).frequency, 660);
    });
  }

  it('is silent at once when it is interrupted, and answers that', async (t) => {
    const { agent, heard, say } = await call(t);
    await say(tones([0, 0.5], [440, 5]));
    await until('half a second of its answer', () => heard.filter(isLoud).length >= 25);
    const saying = say(tones([880, 0.6]));
    await agent.prints(/^interrupted$/);
    const before = heard.length;
    await saying;
    await until('silence', () => heard.slice(-15).every((piece) => !isLoud(piece)));
    const loud = heard.filter(isLoud);
    // By what is heard, not by the clock: what is never cleared goes on for 1.4 s.
    const rest = soundOf(heard.slice(before).filter(isLoud));
    assert.ok(rest.seconds < 1, `it went on for ${rest.seconds} s`);
    assert.ok(soundOf(loud).seconds < 3, `of 5 s it said ${soundOf(loud).seconds}`);

    await agent.prints(/^answered$/);
    await until('its next answer', () => heard.filter(isLoud).length >= loud.length + 20);
    const next = heard.filter(isLoud).slice(loud.length);
    assert.equal(strongestTone(soundOf(next)).frequency, 880);
  });
});
