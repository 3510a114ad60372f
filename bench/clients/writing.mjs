// A process that writes pictures of 1920x1080, 30 a second, and does with their track what it is told, in turns.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { endSoon, serveChild } from '../measure/child.mjs';
import { loadFrames } from './frames.mjs';

const [WIDTH, HEIGHT] = [1920, 1080];
const PICTURE_MS = 1000 / 30;

/** The pictures of a y4m file. */
function picturesOf(file) {
  const bytes = fs.readFileSync(file);
  const length = (WIDTH * HEIGHT * 3) / 2;
  const pictures = [];
  for (let at = bytes.indexOf('\n') + 1; at < bytes.length;) {
    at = bytes.indexOf('\n', at) + 1;
    pictures.push(new Uint8Array(bytes.subarray(at, at + length)));
    at += length;
  }
  return pictures;
}

serveChild(async ({ client, file, phases, rounds }, { request, tell }) => {
  const frames = await loadFrames(client);
  const peer = await Peer.join({ device: frames.makeDevice(), request });
  const pictures = picturesOf(file);
  const transport = await peer.createSendTransport({ client: { iceServers: [] } });
  const codec = peer.device.sendRtpCapabilities.codecs.find(({ mimeType }) =>
    mimeType.endsWith('VP8'),
  );
  let written = 0;

  function write(source) {
    let going = true;
    const ended = (async () => {
      for (let next = performance.now(); going; next += PICTURE_MS) {
        await source.write(pictures[written++ % pictures.length], WIDTH, HEIGHT);
        await sleep(Math.max(next + PICTURE_MS - performance.now(), 0));
      }
    })();
    return async () => {
      going = false;
      await ended;
      source.track.stop();
    };
  }
  async function send(track) {
    const encodings = [{ maxBitrate: 2_000_000 }];
    const producer = await transport.produce({ track, codec, encodings, stopTracks: false });
    return () => producer.close();
  }
  const ofFile = async () => {
    const { createWorker } = await import('../../dist/index.mjs');
    const worker = await createWorker({ logLevel: 'none' });
    const stream = await worker.getUserMedia({ video: { source: 'file', file, loop: true } });
    return [stream.getVideoTracks()[0], () => worker.close()];
  };
  /** All of a track is taken, and none of it looked at. */
  const skim = (track) => frames.onPicture(track, () => {}, { maxFrameRate: 0.001 });

  /** Each begins, and gives what ends it. */
  const begin = {
    // Nothing but the app's clock.
    paced: () => [write({ write() {}, track: { stop() {} } })],
    written() {
      const source = frames.pictureSource();
      return [client === 'ours' && skim(source.track), write(source)];
    },
    async sent() {
      const source = frames.pictureSource();
      return [write(source), await send(source.track)];
    },
    async encoded() {
      const [track, close] = await ofFile();
      return [close, await send(track)];
    },
  };

  for (let round = 0; round < rounds; round++) {
    for (const phase of phases) {
      const ends = await begin[phase]();
      await tell({ settle: true });
      written = 0;
      await tell({ phase });
      const during = written;
      for (const end of ends.reverse()) if (end) await end();
      await tell({ phase, done: during });
    }
  }
  peer.close();
  endSoon();
  return {};
});
