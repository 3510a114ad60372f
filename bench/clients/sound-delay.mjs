// A process that writes sound and hears it at a second client, through the server: short tones in silence, and how long
// after write() each is in what is read.
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { endSoon, serveChild } from '../measure/child.mjs';
import { median, quantile } from '../measure/statistics.mjs';
import { loadFrames, PIECE, RATE } from './frames.mjs';

const PIECE_MS = 20;
/** A tone each 300 ms. */
const EVERY = 15;
/** An app's clock is none of the core's: where a piece is written between two beats moves by so much, so often. */
const SHIFT = { ms: 3, pieces: 50 };
/** The first tones are of connecting. */
const SETTLING_MS = 2000;
const HERTZ = 1000;
const LOUD = 3000;
const QUIET_SAMPLES = RATE / 10;

const silence = new Int16Array(PIECE);
const tone = Int16Array.from(
  { length: PIECE },
  (_, i) => 20_000 * Math.sin((2 * Math.PI * HERTZ * i) / RATE),
);

serveChild(async ({ client, seconds }, { request }) => {
  const frames = await loadFrames(client);
  const sender = await Peer.join({ device: frames.makeDevice(), request });
  const receiver = await Peer.join({ device: frames.makeDevice(), request });
  const source = frames.soundSource();
  const transport = await sender.createSendTransport({ client: { iceServers: [] } });
  const producer = await transport.produce({ track: source.track });
  await receiver.createRecvTransport({ client: { iceServers: [] } });
  const consumer = await receiver.consume(producer);

  const began = performance.now();
  const written = [];
  const delays = [];
  let quiet = 0;
  const stop = frames.onSound(consumer.track, (samples) => {
    const now = performance.now();
    for (const sample of samples) {
      if (Math.abs(sample) < LOUD) quiet++;
      else {
        // Zero crossings are quiet, too.
        if (quiet >= QUIET_SAMPLES && written.length > 0) {
          const at = written.shift();
          if (at - began > SETTLING_MS) delays.push(now - at);
        }
        quiet = 0;
      }
    }
  });

  const end = began + SETTLING_MS + 1000 * seconds;
  for (let next = began, number = 1; next < end; number++) {
    const loud = number % EVERY === 0;
    if (loud) written.push(performance.now());
    source.write(loud ? tone : silence);
    next += PIECE_MS + (number % SHIFT.pieces === 0 ? SHIFT.ms : 0);
    await sleep(Math.max(next - performance.now(), 0));
  }
  await stop();
  sender.close();
  receiver.close();
  endSoon();
  return { tones: delays.length, medianMs: median(delays), p99Ms: quantile(delays, 0.99) };
});
