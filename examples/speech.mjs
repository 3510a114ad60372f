// Text to speech, and speech to text: says a text with espeak-ng, and gives what each of the others says to a
// program that recognizes speech: 16-bit PCM of 16 kHz, one channel, at its standard input.
//
//   node examples/speech.mjs <room url> <text> [seconds] [command]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AudioData, AudioTrackGenerator, MediaStreamTrackProcessor } from 'mediasoup-client-pion';
import { join } from './room.mjs';

const [url, text, seconds = '10', command = 'cat >/dev/null'] = process.argv.slice(2);
if (!url || !text) {
  console.error('Usage: node examples/speech.mjs <room url> <text> [seconds] [command]');
  process.exit(2);
}
const WAV_HEADER = 44;

/** What espeak-ng says, while it says it: a WAV file of 16-bit samples, one channel. */
async function* speak(words) {
  const speaker = spawn('espeak-ng', ['-v', 'en-us+f2', '--stdout', words]);
  let sampleRate;
  let bytes = Buffer.alloc(0);
  for await (const chunk of speaker.stdout) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < WAV_HEADER) continue;
    if (!sampleRate) {
      sampleRate = bytes.readUInt32LE(24);
      bytes = bytes.subarray(WAV_HEADER);
    }
    // A chunk may end within a sample.
    const numberOfFrames = Math.floor(bytes.length / 2);
    if (numberOfFrames === 0) continue;
    const pcm = { format: 's16', sampleRate, numberOfChannels: 1, numberOfFrames };
    yield new AudioData({ ...pcm, timestamp: 0, data: bytes });
    bytes = bytes.subarray(2 * numberOfFrames);
  }
}

async function say(words) {
  // Of any rate, and of any length: a second of it is queued, and what is more waits.
  for await (const data of speak(words)) await voice.write(data);
  await voice.drained();
  console.log(`said "${words}"`);
}

/** What a track says, as speech recognizers take it. */
async function* pcmOf(track) {
  const audio = { sampleRate: 16_000, numberOfChannels: 1, format: 's16' };
  for await (const data of new MediaStreamTrackProcessor({ track, audio }).readable) {
    const pcm = new Uint8Array(data.allocationSize({ planeIndex: 0 }));
    data.copyTo(pcm, { planeIndex: 0 });
    data.close();
    yield pcm;
  }
}

async function recognize(track) {
  const recognizer = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
  await Promise.all([pipeline(pcmOf(track), recognizer.stdin), once(recognizer, 'close')]);
}

const room = await join(url);
const voice = new AudioTrackGenerator();
await room.produce(voice.track);
const heard = [];
room.others((consumer) => {
  if (consumer.kind !== 'audio') return;
  // A recognizer may end before who speaks does.
  heard.push(recognize(consumer.track).catch((error) => console.error(error.message)));
});
// Until the others listen.
await sleep(2000);
await say(text);
await sleep(Number(seconds) * 1000);
await room.leave();
await Promise.all(heard);
