// A process of sources of sound that are written, and sent when it is told so.
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { endSoon, serveChild } from '../measure/child.mjs';
import { loadFrames, PIECE, RATE } from './frames.mjs';

const PIECE_MS = 20;
/** Sources on one transport. */
const TOGETHER = 25;
const PIECES = 50;
/** Pieces that wait: the app shares one core with what encodes, and comes late at times. */
const AHEAD = 4;

/** A second of a voice: a tone of many harmonics that becomes louder and softer, and noise. */
const pieces = Array.from({ length: PIECES }, (_, piece) =>
  Int16Array.from({ length: PIECE }, (_, i) => {
    const at = (piece * PIECE + i) / RATE;
    let sample = 2000 * (Math.random() - 0.5);
    for (let harmonic = 1; harmonic <= 20; harmonic++) {
      sample += (6000 / harmonic) * Math.sin(2 * Math.PI * 140 * harmonic * at);
    }
    return sample * (0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * at));
  }),
);

serveChild(async ({ client, sources: count }, { request, tell }) => {
  const frames = await loadFrames(client);
  const peer = await Peer.join({ device: frames.makeDevice(), request });
  const sources = Array.from({ length: count }, () => frames.soundSource());

  let going = true;
  let written = 0;
  const ended = (async () => {
    for (let next = performance.now() - AHEAD * PIECE_MS, number = 0; going; number++) {
      // Who is faster than a source plays waits for room.
      await Promise.all(
        sources.map((source, index) => source.write(pieces[(number + index) % PIECES])),
      );
      written += count;
      next += PIECE_MS;
      await sleep(Math.max(next - performance.now(), 0));
    }
  })();
  async function measure(phase) {
    await tell({ settle: true });
    written = 0;
    await tell({ phase });
    await tell({ phase, done: written });
  }

  await measure('written');
  let transport;
  for (const [index, { track }] of sources.entries()) {
    if (index % TOGETHER === 0) {
      transport = await peer.createSendTransport({ client: { iceServers: [] } });
    }
    await transport.produce({ track });
  }
  await measure('sent');
  going = false;
  await ended;
  peer.close();
  endSoon();
  return {};
});
