// An agent that hears, answers after a pause with what it heard, and is quiet at once when it is interrupted.
//
//   node examples/voice-agent.mjs <room url> [seconds]
import { setTimeout as sleep } from 'node:timers/promises';
import { AudioData, AudioTrackGenerator, MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import { join } from './room.mjs';

const [url, seconds = '30'] = process.argv.slice(2);
if (!url) {
  console.error('Usage: node examples/voice-agent.mjs <room url> [seconds]');
  process.exit(2);
}
/** Who says nothing for as long has said all. */
const PAUSE_MS = 500;
/** What speech recognizers take. Any other goes as well, in both directions. */
const pcm = { sampleRate: 16_000, numberOfChannels: 1, format: 's16' };

const room = await join(url);
const voice = new AudioTrackGenerator();
await room.produce(voice.track);
let answering;
// What an answer says once this has left is nothing to complain of.
const failed = (error) => voice.track.readyState === 'live' && console.error(error.message);

/** Speech recognition, a language model and speech synthesis stand here, and give pieces as they get them. */
async function* answer(heard) {
  yield* heard;
}

async function say(pieces) {
  interrupt();
  const { signal } = (answering = new AbortController());
  for await (const data of pieces) {
    if (signal.aborted) return;
    // It waits while there is a second of sound to be sent.
    await voice.write(new AudioData({ ...pcm, timestamp: 0, numberOfFrames: data.length, data }));
  }
  await voice.drained();
  if (signal.aborted) return;
  answering = undefined;
  console.log('answered');
}

function interrupt() {
  if (!answering) return;
  answering.abort();
  answering = undefined;
  // What was written and not sent yet is never heard.
  voice.clear();
  console.log('interrupted');
}

async function listen({ track, rtpReceiver }) {
  let speaks = false;
  let heard = [];
  rtpReceiver.voiceActivityHold = PAUSE_MS;
  rtpReceiver.onvoiceactivity = ({ active }) => {
    speaks = active;
    if (active) return interrupt();
    console.log(`heard ${heard.length} pieces`);
    say(answer(heard)).catch(failed);
    heard = [];
  };
  for await (const data of new MediaStreamTrackProcessor({ track, audio: pcm }).readable) {
    const samples = new Int16Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0 });
    data.close();
    if (speaks) heard.push(samples);
  }
}

room.others((consumer) => {
  if (consumer.kind === 'audio') listen(consumer).catch(failed);
});
await sleep(Number(seconds) * 1000);
await room.leave();
