// What a source becomes half-way, as the far end sees it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { join, openRoom, until } from '../e2e/session.js';
import { decodedSize } from '../e2e/support/decode.mjs';
import { listen } from './support/listening.js';
import { start } from './support/program.js';

/** What ffmpeg makes of a colour, coded as H264 in a transport stream, as it is made. */
function sending(t: TestContext, size: string) {
  return start(
    t,
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', `color=red:s=${size}:r=15`],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'],
      ...['-pix_fmt', 'yuv420p', '-f', 'mpegts', '-flush_packets', '1', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

test(
  'the far end sees the new size of a stream that changes it, transcoded or passed through, and the track says how it ended',
  { timeout: 600_000 },
  async (t) => {
    const listeners = new Set<http.ServerResponse>();
    const send = (size: string) => {
      const sender = sending(t, size);
      sender.child.stdout?.on('data', (data: Buffer) => {
        for (const response of listeners) response.write(data);
      });
      return sender;
    };
    const small = send('160x120');
    const server = http.createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      listeners.add(response);
    });
    const port = await listen(t, server);

    const room = await openRoom(t);
    const peer = await join(room);
    const transport = await peer.createSendTransport();
    const tracks = [true, false].map(
      (decode) =>
        new FakeMediaStreamTrack({
          kind: 'video',
          data: {
            sourceType: 'url',
            sourceValue: `http://127.0.0.1:${port}/camera`,
            decode,
            options: { live: '1', reconnect: '0' },
          },
        }),
    );
    const codecs = [undefined, 'video/H264'];
    const producers: { id: string }[] = [];
    for (const [i, track] of tracks.entries()) {
      const codec = peer.device.sendRtpCapabilities.codecs?.find(
        ({ mimeType }) => mimeType === codecs[i],
      );
      producers.push(await transport.produce({ track, ...(codec && { codec }) }));
    }
    const shows = async (width: number) => {
      for (const producer of producers) {
        await until(
          `pictures of ${width} pixels`,
          async () => (await decodedSize(room, producer, { timeoutMs: 100_000 })).width === width,
          { timeoutMs: 120_000 },
        );
      }
    };
    await shows(160);
    await small.kill();
    send('320x240');
    await shows(320);

    const ends = tracks.map((track) => once(track, 'ended'));
    for (const response of listeners) response.destroy();
    await Promise.all(ends);
    for (const track of tracks) {
      const { error } = track.data as { error?: Error };
      assert.match(String(error), /NetworkError: .*broke after \d+ bytes|closed the connection/);
    }
  },
);
