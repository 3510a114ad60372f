// How loud received sound is, by what its packets say: nothing is read or decoded for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Consumer } from 'mediasoup-client/types';
import type { AudioLevelEvent, RTCRtpReceiver, VoiceActivityEvent } from '../../lib/index.js';
import { codecOf, fileTrack, join, openRoom, until } from './session.js';

/** A consumer of a file's sound, and its producer. */
async function received(t: TestContext, file: 'talk.wav' | 'red-440hz.mp4', codec: string) {
  const room = await openRoom(t);
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({
    track: fileTrack('audio', file, { loop: true }),
    codec: codecOf(alice.device, codec),
  });
  const bob = await join(room);
  await bob.createRecvTransport();
  const consumer = await room.consume(bob, producer);
  return { producer, consumer };
}

const receiverOf = ({ rtpReceiver }: Consumer): RTCRtpReceiver =>
  rtpReceiver as unknown as RTCRtpReceiver;

for (const codec of ['audio/opus', 'audio/PCMU']) {
  test(`${codec}: somebody who speaks in turns is heard to begin and to end`, async (t) => {
    const { consumer } = await received(t, 'talk.wav', codec);
    const receiver = receiverOf(consumer);
    const turns: boolean[] = [];
    let loudest = 0;
    let quietest = 1;
    receiver.onvoiceactivity = ({ active }: VoiceActivityEvent) => turns.push(active);
    receiver.addEventListener('audiolevel', ({ audioLevel }) => {
      loudest = Math.max(loudest, audioLevel);
      quietest = Math.min(quietest, audioLevel);
    });
    await until('two turns', () => turns.length >= 4);
    assert.deepEqual(turns.slice(0, 4), [true, false, true, false]);
    // 0.4 of a sine is 0.28 in its root mean square.
    assert.ok(loudest > 0.2 && loudest < 0.4, `the loudest: ${loudest}`);
    assert.ok(quietest < 0.01, `the quietest: ${quietest}`);
  });
}

test('a muted track is silent, and a consumer that is closed has no source', async (t) => {
  const { producer, consumer } = await received(t, 'red-440hz.mp4', 'audio/opus');
  const receiver = receiverOf(consumer);
  const levels: number[] = [];
  const listener = ({ audioLevel }: AudioLevelEvent): void => {
    levels.push(audioLevel);
  };
  receiver.addEventListener('audiolevel', listener);
  await until('sound', () => (levels.at(-1) ?? 0) > 0.01);
  assert.ok(producer.track);
  producer.track.enabled = false;
  await until('silence', () => levels.at(-1) === 0);
  const [source] = receiver.getSynchronizationSources();
  assert.equal(source?.audioLevel, 0);
  assert.equal(source.source, consumer.rtpParameters.encodings?.[0]?.ssrc);
  assert.ok(Math.abs(Date.now() - source.timestamp) < 5000);
  producer.track.enabled = true;
  await until('sound again', () => (levels.at(-1) ?? 0) > 0.01);
  receiver.removeEventListener('audiolevel', listener);
  consumer.close();
  assert.deepEqual(receiver.getSynchronizationSources(), []);
});

test('nobody is told who does not listen, and who listens once is told once', async (t) => {
  const { consumer } = await received(t, 'red-440hz.mp4', 'audio/opus');
  const receiver = receiverOf(consumer);
  let told = 0;
  receiver.addEventListener('audiolevel', () => told++, { once: true });
  await until('a level', () => told === 1);
  let later = 0;
  receiver.addEventListener('voiceactivity', () => later++, { once: true });
  await until('voice', () => later === 1);
  assert.equal(told, 1);
});
