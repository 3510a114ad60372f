// For each callable what it is called on, and arguments that are right: as many of them as it reads, and as deep.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Device } from 'mediasoup-client';
import * as api from '../../../lib/index.js';
import { createRoom } from '../../e2e/support/room.mjs';
import { ofErrors, ofFrames } from './frames.js';
import { ofGenerators } from './generators.js';
import { one } from './right.js';
import type { Rights } from './right.js';
import { ofEncodedStreams, ofReceiving, ofSending } from './sending.js';
import { ofReading, ofSources, ofStreams, pattern } from './sources.js';
import { ofChannels, ofFactories, ofWorkers, optionsOf } from './transports.js';

export type World = { rights: Rights; close: () => Promise<void> };

/** Everything that is called, on a real server, and what closes it again. */
export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'arguments-'));
  const worker = await api.createWorker({ logLevel: 'none' });
  const room = await createRoom({ logLevel: 'none' });
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  const peer = await room.join({ device });
  const [sending, receiving] = [await peer.createSendTransport(), await peer.createRecvTransport()];
  const streams = await Promise.all(
    // What is sent is held for its Producer, which nobody makes here: it can't be read meanwhile.
    [49, 51].map((rate) =>
      worker.getUserMedia({
        video: pattern({ device: `testsrc=size=64x64:rate=${rate}` }) as never,
      }),
    ),
  );
  const [track, sent] = streams.flatMap((stream) => stream.getTracks());
  if (!track || !sent) throw new Error('there is no track');
  const generators = {
    audio: new api.AudioTrackGenerator(),
    video: new api.VideoTrackGenerator(),
    coded: new api.EncodedTrackGenerator({ kind: 'audio', mimeType: 'audio/opus' }),
  };
  const sound = generators.audio.track;
  const options = optionsOf(sending);
  const rights = {
    ...ofErrors(),
    ...ofFrames(),
    ...ofGenerators(generators),
    ...ofStreams(),
    ...ofWorkers(worker),
    ...ofSources(worker, folder),
    ...ofReading(track, folder),
    ...ofFactories(worker, options),
    ...(await ofSending(sending.handler, sent, sound)),
    ...(await ofChannels(sending.handler)),
    ...(await ofReceiving(receiving.handler)),
    ...ofEncodedStreams(sending.handler, sound),
    'SourceTrack.clone': one(() => [{ id: 'id', data: {} }], {
      on: () => track,
      after: (made) => {
        (made as MediaStreamTrack).stop();
      },
    }),
  };
  return {
    rights,
    close: async () => {
      for (const stream of streams) stream.close();
      for (const generator of Object.values(generators)) generator.track.stop();
      await room.close();
      worker.close();
      rmSync(folder, { recursive: true });
    },
  };
}
