import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { codecOf, event, fileTrack, fixture, join, openRoom, silence, until } from './session.js';
import { createWorker } from 'mediasoup-client-pion';
import { decodePictures, decodeSound } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { strongestTone } from './support/tone.mjs';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';

type Consumer = Awaited<ReturnType<Awaited<ReturnType<typeof openRoom>>['consume']>>;

/** Packets that a consumer's receiver counted. */
async function packetsReceived(consumer: Consumer): Promise<number> {
  for (const entry of (await consumer.getStats()).values()) {
    if (entry.type === 'inbound-rtp') return entry.packetsReceived as number;
  }
  return 0;
}

async function flows(consumer: Consumer): Promise<void> {
  const before = await packetsReceived(consumer);
  await until('packets', async () => (await packetsReceived(consumer)) > before + 5);
}

/** A peer that sends a picture and a sound, and has a transport to receive on. */
async function sendingBoth(t: TestContext) {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  const video = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const audio = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  return { room, alice, sending, receiving, video, audio };
}

test('both transports of one Device live side by side and close apart', async (t) => {
  const { room, alice, sending, receiving, video, audio } = await sendingBoth(t);
  const videoConsumer = await room.consume(alice, video);
  const audioConsumer = await room.consume(alice, audio);
  await Promise.all([flows(videoConsumer), flows(audioConsumer)]);

  receiving.close();
  assert.equal(sending.closed, false);
  assert.equal(sending.connectionState, 'connected');
  for (const picture of await decodePictures(room, video, { count: 2 })) {
    assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
  }
  const again = await alice.createRecvTransport();
  await flows(await room.consume(alice, video, { transport: again }));
  sending.close();
  assert.equal(again.closed, false);
});

test('producers of different codecs share a transport, and so do their consumers', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  await bob.createRecvTransport();
  const sending = await alice.createSendTransport();
  for (const codec of ['video/VP8', 'video/H264', 'video/VP9', 'audio/PCMA', 'audio/opus']) {
    const kind = codec.startsWith('video') ? 'video' : 'audio';
    const producer = await sending.produce({
      track: fileTrack(kind, 'red-440hz.mp4', { loop: true }),
      codec: codecOf(alice.device, codec),
    });
    const consumer = await room.consume(bob, producer);
    assert.equal(consumer.rtpParameters.codecs[0]?.mimeType, codec);
    await flows(consumer);
  }
});

test('50 producers and 50 consumers on a transport', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await bob.createRecvTransport();
  const producers: types.Producer[] = [];
  for (let index = 0; index < 50; index++) {
    const kind = index % 2 === 0 ? 'audio' : 'video';
    producers.push(
      await sending.produce({
        track: fileTrack(kind, 'red-440hz.mp4', { loop: true }),
      }),
    );
  }
  // All at once: mediasoup-client gives them to the handler in batches.
  const consumers = await Promise.all(
    producers.map((producer) => room.consume(bob, producer, { transport: receiving })),
  );
  assert.equal(new Set(consumers.map((consumer) => consumer.localId)).size, 50);
  await Promise.all(consumers.map(flows));
  for (const index of [0, 1, 48, 49]) {
    const producer = producers[index];
    assert.ok(producer);
    if (producer.kind === 'audio') {
      assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 440);
    } else {
      const [picture] = await decodePictures(room, producer, { count: 1 });
      assert.ok(picture && colourDistance(meanColour(picture), colours.red) < 24);
    }
  }
});

test('pausing one consumer pauses that one, resuming undoes it, closing one leaves the others', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  await bob.createRecvTransport();
  const sending = await alice.createSendTransport();
  const consumers: Consumer[] = [];
  for (let index = 0; index < 4; index++) {
    const producer = await sending.produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
    });
    consumers.push(await room.consume(bob, producer));
  }
  const [first, second, third, fourth] = consumers as [Consumer, Consumer, Consumer, Consumer];
  await Promise.all(consumers.map(flows));

  second.pause();
  await Promise.all([first, third, fourth].map(flows));
  const paused = await packetsReceived(second);
  await Promise.all([first, third, fourth].map(flows));
  assert.equal(await packetsReceived(second), paused);
  second.resume();
  await flows(second);

  third.close();
  await Promise.all([first, second, fourth].map(flows));
  first.close();
  await Promise.all([second, fourth].map(flows));

  const producer = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  await flows(await room.consume(bob, producer));
  await Promise.all([second, fourth].map(flows));
});

for (const [name, options] of Object.entries({
  'by its track': { disableTrackOnPause: true, zeroRtpOnPause: false },
  'by its sender': { disableTrackOnPause: false, zeroRtpOnPause: true },
  'by both': { disableTrackOnPause: true, zeroRtpOnPause: true },
})) {
  test(`a producer paused ${name} sends nothing, and resumed it sends again`, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const producer = await (
      await alice.createSendTransport()
    ).produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
      ...options,
    });
    const tap = await room.plainTap(producer);
    await tap.packets(20);
    producer.pause();
    await silence(tap);
    producer.resume();
    await tap.packets(20);
    for (const picture of await decodePictures(room, producer, { count: 2 })) {
      assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
    }
  });
}

test('replaceTrack: another file, nothing, and a file again', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const producer = await (
    await alice.createSendTransport()
  ).produce({ track: fileTrack('video', 'red-440hz.mp4', { loop: true }) });
  const colour = async () => {
    const pictures = await decodePictures(room, producer, { count: 3 });
    const last = pictures.at(-1);
    assert.ok(last);
    return meanColour(last);
  };
  assert.ok(colourDistance(await colour(), colours.red) < 24);
  await producer.replaceTrack({ track: fileTrack('video', 'blue.mp4', { loop: true }) });
  assert.ok(colourDistance(await colour(), colours.blue) < 24);

  const tap = await room.plainTap(producer);
  await tap.packets(5);
  await producer.replaceTrack({ track: null });
  await silence(tap);
  await producer.replaceTrack({ track: fileTrack('video', 'red-440hz.mp4', { loop: true }) });
  assert.ok(colourDistance(await colour(), colours.red) < 24);
});

test('producing and closing 100 times leaves the transport working', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const kept = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  for (let round = 0; round < 100; round++) {
    const producer = await sending.produce({
      track: fileTrack(round % 3 === 0 ? 'audio' : 'video', 'red-440hz.mp4', { loop: true }),
    });
    producer.close();
  }
  const last = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const [picture] = await decodePictures(room, last, { count: 1 });
  assert.ok(picture && colourDistance(meanColour(picture), colours.red) < 24);
  assert.equal(strongestTone(await decodeSound(room, kept)).frequency, 440);
});

test('consuming and closing 100 times leaves the transport working', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  await bob.createRecvTransport();
  const sending = await alice.createSendTransport();
  const video = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const audio = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  const kept = await room.consume(bob, audio);
  for (let round = 0; round < 100; round++) {
    const consumer = await room.consume(bob, round % 3 === 0 ? audio : video);
    consumer.close();
  }
  await flows(await room.consume(bob, video));
  await flows(kept);
});

test('the three stats calls give a Map in milliseconds with what was sent and received', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await alice.createRecvTransport();
  const producer = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const consumer = await room.consume(alice, producer);
  await flows(consumer);
  const find = (report: ReadonlyMap<string, Record<string, unknown>>, type: string) =>
    [...report.values()].find((entry) => entry['type'] === type);

  const sent = await producer.getStats();
  const outbound = find(sent, 'outbound-rtp');
  assert.ok(outbound, 'outbound-rtp');
  assert.ok((outbound['packetsSent'] as number) > 0);
  assert.ok((outbound['bytesSent'] as number) > 0);
  assert.ok((outbound['keyFramesEncoded'] as number) >= 1);
  assert.ok(Math.abs((outbound['timestamp'] as number) - Date.now()) < 5_000);

  const inbound = find(await consumer.getStats(), 'inbound-rtp');
  assert.ok(inbound, 'inbound-rtp');
  assert.ok((inbound['packetsReceived'] as number) > 0);
  assert.equal(inbound['kind'], 'video');

  for (const transport of [sending, receiving]) {
    const report = await transport.getStats();
    for (const [id, entry] of report as unknown as Map<string, Record<string, unknown>>) {
      assert.equal(entry['id'], id);
      assert.equal(typeof entry['type'], 'string');
    }
    const pair = [...(report as unknown as Map<string, Record<string, unknown>>).values()].find(
      (entry) => entry['type'] === 'candidate-pair' && entry['nominated'],
    );
    assert.ok(pair, 'a nominated candidate pair');
    assert.ok((pair['bytesSent'] as number) + (pair['bytesReceived'] as number) > 0);
  }
});

test('no ICE server given: only host candidates, and loopback only where the server is on it', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  await sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
  let local: Record<string, unknown>[] = [];
  // They are gathered meanwhile.
  await until('candidates', async () => {
    const report = (await sending.getStats()) as unknown as Map<string, Record<string, unknown>>;
    local = [...report.values()].filter((entry) => entry['type'] === 'local-candidate');
    return local.length > 0;
  });
  for (const candidate of local) {
    assert.ok(['host', 'prflx'].includes(candidate['candidateType'] as string));
  }
});

test('a refused option leaves the transport usable', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  await assert.rejects(
    sending.produce({ track: fileTrack('video', 'red-440hz.mp4', { sourceType: 'tape' }) }),
    /sourceType/,
  );
  await assert.rejects(
    sending.produce({
      track: fileTrack('video', 'red-440hz.mp4', { sourceValue: '/no/such/file.mp4' }),
    }),
    (error: Error) => error.name === 'NotFoundError' && error.message.includes('/no/such/file.mp4'),
  );
  await assert.rejects(sending.produce({ track: fileTrack('audio', 'blue.mp4') }), (error: Error) =>
    error.message.includes('audio'),
  );
  const producer = await sending.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
  });
  const [picture] = await decodePictures(room, producer, { count: 1 });
  assert.ok(picture && colourDistance(meanColour(picture), colours.red) < 24);
});

test('a refused connect rejects produce(), and the next one connects', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const [listener] = sending.listeners('connect') as ((...args: unknown[]) => void)[];
  assert.ok(listener);
  sending.removeAllListeners('connect');
  sending.once('connect', (_, __, refuse) => refuse(new Error('not today')));
  await assert.rejects(
    sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) }),
    /not today/,
  );
  sending.on('connect', listener);
  const producer = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  assert.equal(strongestTone(await decodeSound(room, producer)).frequency, 440);
});

test('createWorker: getUserMedia of a file sends its picture and its sound', async (t) => {
  const room = await openRoom(t);
  const worker = await createWorker();
  t.after(() => worker.close());
  const stream = await worker.getUserMedia({
    audio: { source: 'file', file: fixture('red-440hz.mp4'), loop: true },
    video: { source: 'file', file: `file://${fixture('red-440hz.mp4')}`, loop: true },
  });
  const [audioTrack] = stream.getAudioTracks();
  const [videoTrack] = stream.getVideoTracks();
  assert.ok(audioTrack && videoTrack);
  assert.equal(audioTrack.data.playerId, videoTrack.data.playerId);
  assert.equal(audioTrack.data.remote, false);

  const alice = await room.join({
    device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
  });
  assert.equal(alice.device.handlerName, 'Aiortc');
  const sending = await alice.createSendTransport();
  const audio = await sending.produce({ track: audioTrack });
  const video = await sending.produce({ track: videoTrack });
  assert.equal(strongestTone(await decodeSound(room, audio)).frequency, 440);
  const [picture] = await decodePictures(room, video, { count: 1 });
  assert.ok(picture && colourDistance(meanColour(picture), colours.red) < 24);

  const dump = await worker.dump();
  assert.equal(dump.pid, process.pid);
  assert.equal(dump.players.length, 1);
  assert.equal(dump.handlers.length, 1);
  assert.deepEqual(
    [dump.players[0]?.audioTrack?.kind, dump.players[0]?.videoTrack?.kind],
    ['audio', 'video'],
  );

  const closed = event(worker, 'subprocessclose');
  worker.close();
  assert.equal(worker.closed, true);
  await closed;
  assert.equal(worker.subprocessClosed, true);
  // mediasoup-client offers a handler no way to close its Transport, but tells its state.
  assert.equal(sending.connectionState, 'closed');
  await assert.rejects(sending.produce({ track: videoTrack }), { name: 'InvalidStateError' });
});

test('consume() of what is received already is refused, and the transport goes on', async (t) => {
  const { room, alice, receiving, video, audio } = await sendingBoth(t);
  const consumer = await room.consume(alice, video);
  const { id, producerId, kind, rtpParameters } = consumer;
  await assert.rejects(receiving.consume({ id, producerId, kind, rtpParameters }), {
    name: 'TypeError',
    code: 'ERR_INVALID_ARGUMENT',
    message: /rtpParameters\.mid: expected one that is not received yet, got "0": was consume\(\)/,
  });
  const empty = { ...rtpParameters, mid: 'new', encodings: [] };
  await assert.rejects(receiving.consume({ id, producerId, kind, rtpParameters: empty }), {
    name: 'TypeError',
    message: /rtpParameters\.encodings: expected at least one encoding, with its ssrc/,
  });
  await flows(await room.consume(alice, audio));
  await flows(consumer);
});

test('produce() right after close(), of which the server hears later', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const mids: unknown[] = [];
  for (let n = 0; n < 4; n++) {
    const producer = await sending.produce({
      track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
    });
    mids.push(producer.rtpParameters.mid);
    // Nobody tells the server, which still has the producer.
    producer.observer.removeAllListeners('close');
    producer.close();
  }
  assert.equal(new Set(mids).size, 4, `mids ${mids.join()}`);
});
