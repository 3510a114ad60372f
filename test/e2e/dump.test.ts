// What worker.dump() tells of sources and of transports, with the ids that the app knows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Device } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-pion';
import type { AiortcMediaStreamTrack, AiortcMediaStreamTrackData } from 'mediasoup-client-pion';
import { fileTrack, fixture, openRoom } from './session.js';

const file = fixture('red-440hz.mp4');
const source = (path = file) => ({ source: 'file' as const, file: path, loop: true });

async function open(t: TestContext) {
  const worker = await createWorker();
  t.after(() => worker.close());
  return worker;
}

test('players have the ids of their tracks, of clones too, and go at once when the last stops', async (t) => {
  const worker = await open(t);
  const stream = await worker.getUserMedia({ audio: source(), video: source() });
  const [sound] = stream.getAudioTracks();
  const [picture] = stream.getVideoTracks();
  assert.ok(sound && picture);
  const id = picture.data.playerId;
  const shown = ({ id, kind, readyState }: AiortcMediaStreamTrack) => ({ id, kind, readyState });
  const expected = (audio: AiortcMediaStreamTrack, video: AiortcMediaStreamTrack) => [
    { id, audioTrack: shown(audio), videoTrack: shown(video) },
  ];
  assert.deepEqual((await worker.dump()).players, expected(sound, picture));

  const copy = picture.clone<AiortcMediaStreamTrackData>();
  // The oldest that is live is shown.
  assert.deepEqual((await worker.dump()).players, expected(sound, picture));
  sound.stop();
  assert.deepEqual((await worker.dump()).players, expected(sound, picture));
  // What a clone reads is held open until it has opened.
  const opened = await worker.getUserMedia({ video: source() });
  picture.stop();
  opened.close();
  assert.deepEqual((await worker.dump()).players, expected(sound, copy));
  copy.stop();
  assert.deepEqual((await worker.dump()).players, []);
});

test('players and handlers come in the order in which they were opened', async (t) => {
  const worker = await open(t);
  const factory = worker.createHandlerFactory();
  const room = await openRoom(t);
  const alice = await room.join({ device: await Device.factory({ handlerFactory: factory }) });
  const players: unknown[] = [];
  const files = ['blue.mp4', 'short.mp4', 'red-440hz.mp4', 'bars-440hz.mp4'];
  for (const name of files) {
    const stream = await worker.getUserMedia({ video: source(fixture(name)) });
    players.push(stream.getVideoTracks()[0]?.data.playerId);
  }
  assert.deepEqual(
    (await worker.dump()).players.map(({ id }) => id),
    players,
  );

  const transports = [];
  for (let index = 0; index < 6; index += 1) transports.push(await alice.createSendTransport());
  const handlers = (await worker.dump()).handlers.map(({ id }) => id);
  assert.equal(new Set(handlers).size, 6);
  for (const closing of [3, 0, 3]) {
    transports.splice(closing, 1)[0]?.close();
    handlers.splice(closing, 1);
    assert.deepEqual(
      (await worker.dump()).handlers.map(({ id }) => id),
      handlers,
    );
  }
});

test('transceivers have the tracks that are sent and received, sendTransceivers those of produce()', async (t) => {
  const worker = await open(t);
  const room = await openRoom(t);
  const alice = await room.join({
    device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
  });
  const sending = await alice.createSendTransport();
  const stream = await worker.getUserMedia({ video: source() });
  const [picture] = stream.getVideoTracks();
  assert.ok(picture);
  // One of the older API too.
  const sound = fileTrack('audio', 'red-440hz.mp4', { loop: true });
  const heard = await sending.produce({ track: sound });
  const seen = await sending.produce({ track: picture, stopTracks: false });
  const [player] = (await worker.dump()).players;
  assert.deepEqual([player?.audioTrack?.id, player?.videoTrack?.id], [sound.id, picture.id]);

  const [audioMid, videoMid] = [heard, seen].map(({ rtpParameters }) => rtpParameters.mid);
  const made = [
    { mid: audioMid, localId: sound.id },
    { mid: videoMid, localId: picture.id },
  ];
  const sent = async () => {
    const [handler] = (await worker.dump()).handlers;
    assert.deepEqual(handler?.sendTransceivers, made);
    assert.deepEqual(
      handler.transceivers.map(({ mid, kind, stopped }) => ({ mid, kind, stopped })),
      [
        { mid: audioMid, kind: 'audio', stopped: false },
        { mid: videoMid, kind: 'video', stopped: false },
      ],
    );
    assert.ok(handler.transceivers.every(({ receiver }) => receiver.trackId === null));
    return handler.transceivers.map(({ sender }) => sender.trackId);
  };
  assert.deepEqual(await sent(), [sound.id, picture.id]);
  const other = (await worker.getUserMedia({ video: source(fixture('blue.mp4')) })).getTracks()[0];
  assert.ok(other);
  await seen.replaceTrack({ track: other });
  assert.deepEqual(await sent(), [sound.id, other.id]);
  await seen.replaceTrack({ track: null });
  assert.deepEqual(await sent(), [sound.id, null]);
  await seen.replaceTrack({ track: picture });
  // At once, as the app has closed it.
  heard.close();
  assert.deepEqual(await sent(), [null, picture.id]);

  const receiving = await alice.createRecvTransport();
  const consumer = await room.consume(alice, seen, { transport: receiving });
  const received = (await worker.dump()).handlers[1];
  assert.deepEqual(received?.sendTransceivers, []);
  // Beside it may be mediasoup's own probator.
  const section = received.transceivers.find(({ mid }) => mid === consumer.localId);
  assert.deepEqual(section?.sender, { trackId: null });
  assert.deepEqual(section.receiver, { trackId: consumer.track.id });
});
