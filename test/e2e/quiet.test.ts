// What a session logs that nothing is wrong with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorker } from 'mediasoup-client-pion';
import { event, fileTrack, join, openRoom, until } from './session.js';
import { loggedLines } from './support/logged-lines.js';

test("a healthy session logs nothing at level 'warn'", async (t) => {
  const lines = loggedLines(t);
  const room = await openRoom(t);
  const worker = await createWorker({ logLevel: 'warn' });
  const alice = await join(room, worker.createHandlerFactory());
  const sending = await alice.createSendTransport();
  const picture = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const sound = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  const data = await sending.produceData();
  // Pictures make the server probe how much the network carries, with a stream of its own.
  const watching = await room.consume(alice, picture);
  const hearing = await room.consume(alice, sound);
  await room.consumeData(alice, data);
  const hasCome = async () =>
    [...(await watching.getStats()).values()].some(
      ({ type, packetsReceived }) => type === 'inbound-rtp' && packetsReceived > 200,
    );
  await until('packets', hasCome, { timeoutMs: 30_000 });
  // The server hears later than we that it is closed.
  hearing.close();
  await alice.restartIce(sending);
  if (alice.recvTransport) await alice.restartIce(alice.recvTransport);
  picture.close();
  sending.close();
  alice.recvTransport?.close();
  const ended = event(worker, 'subprocessclose', 30_000);
  worker.close();
  await ended;
  assert.deepEqual(
    lines.filter((line) => /:(?:WARN|ERROR):core/.test(line)),
    [],
  );
});
