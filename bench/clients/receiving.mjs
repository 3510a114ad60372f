// A process that receives one video, and does with it what it is told, in turns: nothing, decode, read, copy or record.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '../../test/e2e/support/peer.mjs';
import { endSoon, serveChild } from '../measure/child.mjs';
import { loadFrames } from './frames.mjs';

const READY_WITHIN_MS = 10_000;
const PICTURES_UNTIL_READY = 15;
const MOST_HELD = 1000;

serveChild(async ({ client, phases, rounds }, { request, tell }) => {
  const frames = await loadFrames(client);
  const peer = await Peer.join({ device: frames.makeDevice(), request });
  const { producers } = await request('listProducers');
  await peer.createRecvTransport({ client: { iceServers: [] } });
  const { track } = await peer.consume(producers.find(({ kind }) => kind === 'video'));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));

  let pictures = 0;
  let bytes = 0;
  let refusal;
  /** Looks at the picture's bytes, where they are. */
  const count = (picture) => {
    pictures++;
    const planes = picture.planes ?? [picture];
    bytes = planes.reduce((sum, { data }) => sum + data.byteLength, 0);
  };
  /** Each begins, and gives what ends it. */
  const begin = {
    received: () => () => {},
    // All are decoded, and but one is left out before it is handed out.
    decoded: () => frames.onPicture(track, count, { maxFrameRate: 0.001 }),
    read: () => frames.onPicture(track, count),
    copied() {
      let room = new Uint8Array(0);
      return frames.onPicture(track, (picture) => {
        pictures++;
        bytes = picture.allocationSize();
        if (room.length !== bytes) room = new Uint8Array(bytes);
        void picture.copyTo(room);
      });
    },
    /** Reads until that fails, and closes nothing. */
    async held() {
      const { MediaStreamTrackProcessor } = await import('../../dist/index.mjs');
      const held = [];
      try {
        for await (const picture of new MediaStreamTrackProcessor({ track }).readable) {
          held.push(picture);
          if (held.length > MOST_HELD) throw new Error('nothing bounds what is held');
        }
      } catch (error) {
        refusal = error.message;
      }
      pictures = held.length;
      return () => {
        for (const picture of held) picture.close();
      };
    },
    async recorded() {
      const { MediaRecorder } = await import('../../dist/index.mjs');
      const recorder = new MediaRecorder(track, { file: path.join(folder, 'recorded.webm') });
      recorder.start();
      return async () => {
        ({ frames: pictures } = await recorder.stop());
      };
    },
  };
  const awaited = { decoded: 1, read: PICTURES_UNTIL_READY, copied: PICTURES_UNTIL_READY };

  try {
    for (let round = 0; round < rounds; round++) {
      for (const phase of phases) {
        pictures = 0;
        const end = await begin[phase]();
        for (let waited = 0; pictures < (awaited[phase] ?? 0); waited += 20) {
          if (waited > READY_WITHIN_MS) throw new Error(`${phase}: no pictures came`);
          await sleep(20);
        }
        await tell({ settle: true });
        const before = pictures;
        await tell({ phase });
        const during = pictures - before;
        await end();
        // These count by themselves.
        const done = phase === 'recorded' || phase === 'held' ? pictures : during;
        await tell({ phase, done });
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  peer.close();
  endSoon();
  return { refusal };
});
