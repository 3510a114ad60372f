// Sound that is read where packets are missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import type { AudioData } from 'mediasoup-client-pion';
import { codecOf, inbound, join, openRoom } from './session.js';
import { Relay } from './support/relay.mjs';
import { toneShare } from './support/tone.mjs';

const RATE = 16_000;
const SECONDS = 8;

/** Sound of a tone that is received through a network which loses packets, and sends none again. */
async function lossyTrack(t: TestContext, codec: string, codecOptions: object) {
  const room = await openRoom(t);
  const relay = new Relay({ seed: 3 });
  t.after(() => relay.close());
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    // Without a seam: of a packet that is lost right after one, Opus makes silence.
    track: new FakeMediaStreamTrack({
      kind: 'audio',
      data: { sourceType: 'device', format: 'lavfi', sourceValue: 'sine=440:r=48000' },
    }),
    codec: codecOf(alice.device, codec),
    codecOptions,
  });
  const bob = await join(room);
  await bob.createRecvTransport({ relay });
  return { relay, consumer: await room.consume(bob, producer) };
}

/** The most samples in a row that are next to silent. */
function longestSilence(samples: Float32Array): number {
  let longest = 0;
  let now = 0;
  for (const sample of samples) {
    now = Math.abs(sample) < 0.002 ? now + 1 : 0;
    longest = Math.max(longest, now);
  }
  return longest;
}

// What is guessed of several in a row fades.
for (const { codec, loss, inARow, codecOptions } of [
  { codec: 'audio/opus', loss: 0.05, inARow: 2, codecOptions: { opusFec: true } },
  { codec: 'audio/opus', loss: 0.2, inARow: 5, codecOptions: { opusFec: true } },
  { codec: 'audio/opus', loss: 0.05, inARow: 2, codecOptions: { opusFec: false } },
  { codec: 'audio/PCMA', loss: 0.05, inARow: 2, codecOptions: {} },
]) {
  test(`${codec}, ${JSON.stringify(codecOptions)}: of ${loss * 100}% lost there are no holes in what is read`, async (t) => {
    const { relay, consumer } = await lossyTrack(t, codec, codecOptions);
    const { readable } = new MediaStreamTrackProcessor<AudioData>({
      track: consumer.track,
      audio: { sampleRate: RATE, numberOfChannels: 1, format: 'f32' },
    });
    const samples = new Float32Array(RATE * SECONDS);
    let filled = 0;
    let next: number | undefined;
    for await (const piece of readable) {
      // What is read has begun.
      relay.down.set({ loss, inARow, kinds: ['rtp'] });
      next ??= piece.timestamp;
      assert.ok(Math.abs(piece.timestamp - next) <= 1, 'its time has a hole');
      next = piece.timestamp + piece.duration;
      const room = new Float32Array(piece.numberOfFrames);
      piece.copyTo(room, { planeIndex: 0 });
      piece.close();
      samples.set(room.subarray(0, samples.length - filled), filled);
      filled += room.length;
      if (filled >= samples.length) break;
    }
    const { lost } = await inbound(consumer);
    t.diagnostic(`${lost} packets lost`);
    assert.ok(lost > (loss * SECONDS * 50) / 2, `only ${lost} packets lost`);
    // The first half a second is of the codec's beginning.
    const heard = samples.subarray(RATE / 2);
    const silence = (longestSilence(heard) / RATE) * 1000;
    assert.ok(silence < (loss > 0.1 ? 100 : 20), `${silence} ms are silent`);
    // What is guessed is a little beside the phase: the tone is looked for in quarters of a second.
    const quarter = RATE / 4;
    const shares = Array.from({ length: heard.length / quarter }, (_, i) =>
      toneShare({ sampleRate: RATE, samples: heard.slice(i * quarter, (i + 1) * quarter) }, 440),
    ).sort((a, b) => a - b);
    const share = shares[Math.floor(shares.length / 2)] ?? 0;
    assert.ok(share > 0.5, `share of the tone: ${share}`);
  });
}
