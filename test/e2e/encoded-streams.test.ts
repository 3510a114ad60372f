import assert from 'node:assert/strict';
import { randomInt, webcrypto } from 'node:crypto';
import { TransformStream } from 'node:stream/web';
import { test } from 'node:test';
import { AudioData, RTCRtpReceiver, RTCRtpSender } from 'mediasoup-client-pion';
import type {
  AdditionalSettings,
  RTCEncodedAudioFrame,
  RTCEncodedVideoFrame,
} from 'mediasoup-client-pion';
import { codecOf, fileTrack, join, openRoom, until } from './session.js';
import { decodePictures, decodeSound } from './support/decode.mjs';
import { colourDistance, colours, meanColour } from './support/picture.mjs';
import { strongestTone } from './support/tone.mjs';

type Frame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;
type Change = (frame: Frame) => Promise<boolean> | boolean;
type Client = Awaited<ReturnType<typeof join>>;
type Room = Awaited<ReturnType<typeof openRoom>>;

/** Pipes the frames through `change`, which says whether a frame goes on. */
function through(end: unknown, change: Change): void {
  assert.ok(end instanceof RTCRtpSender || end instanceof RTCRtpReceiver);
  const { readable, writable } = end.createEncodedStreams();
  const changing = new TransformStream<Frame, Frame>({
    transform: async (frame, controller) => {
      if (await change(frame)) controller.enqueue(frame);
    },
  });
  readable
    .pipeThrough(changing)
    .pipeTo(writable)
    .catch(() => undefined);
}

/** What browsers want before they let frames through an app. */
const additionalSettings: AdditionalSettings = { encodedInsertableStreams: true };
const asInBrowsers = { client: { additionalSettings } };

/** Sends a file that is encoded, whose frames go through `change`. */
async function send(client: Client, kind: 'audio' | 'video', mimeType: string, change: Change) {
  const transport = await client.createSendTransport(asInBrowsers);
  return await transport.produce({
    track: fileTrack(kind, 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(client.device, mimeType),
    onRtpSender: (sender) => {
      through(sender, change);
    },
  });
}

/** Receives a producer, whose frames go through `change`, and sends it on. */
async function receive(room: Room, client: Client, producer: object, change: Change) {
  await client.createRecvTransport(asInBrowsers);
  const consumer = await room.consume(client, producer as never);
  through(consumer.rtpReceiver, change);
  const transport = await client.createSendTransport();
  const again = await transport.produce({
    track: consumer.track,
    codec: codecOf(client.device, consumer.rtpParameters.codecs[0]?.mimeType ?? ''),
  });
  return { consumer, again };
}

/** A number of what a producer sends. */
async function outbound(
  producer: { getStats(): Promise<RTCStatsReport> },
  name: 'framesSent' | 'packetsSent',
): Promise<number> {
  let found = 0;
  (await producer.getStats()).forEach((entry: { type: string } & Record<string, unknown>) => {
    if (entry.type === 'outbound-rtp') found = Number(entry[name]);
  });
  return found;
}

async function keyOf(text: string): Promise<webcrypto.CryptoKey> {
  const raw = Buffer.from(text.padEnd(16).slice(0, 16));
  return await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** What of a frame stays readable, for the server and the packets. */
function clear(frame: Frame): number {
  if (!('type' in frame)) return 1;
  return frame.type === 'key' ? 10 : 3;
}

/** AES-GCM, of all but what stays readable; the nonce goes behind it. */
function encrypt(key: webcrypto.CryptoKey): Change {
  return async (frame) => {
    const bytes = new Uint8Array(frame.data);
    const head = bytes.subarray(0, clear(frame));
    const iv = webcrypto.getRandomValues(new Uint8Array(12));
    const algorithm = { name: 'AES-GCM', iv, additionalData: head };
    const body = await webcrypto.subtle.encrypt(algorithm, key, bytes.subarray(head.length));
    frame.data = new Uint8Array(Buffer.concat([head, Buffer.from(body), iv])).buffer;
    return true;
  };
}

function decrypt(key: webcrypto.CryptoKey): Change {
  return async (frame) => {
    const bytes = new Uint8Array(frame.data);
    const head = bytes.subarray(0, clear(frame));
    const iv = bytes.subarray(-12);
    const algorithm = { name: 'AES-GCM', iv, additionalData: head };
    try {
      const body = await webcrypto.subtle.decrypt(algorithm, key, bytes.subarray(head.length, -12));
      frame.data = new Uint8Array(Buffer.concat([head, Buffer.from(body)])).buffer;
      return true;
    } catch {
      return false;
    }
  };
}

test('pictures that were encrypted are seen by who has the key', async (t) => {
  const room = await openRoom(t);
  const key = await keyOf('secret');
  const producer = await send(await join(room), 'video', 'video/VP8', encrypt(key));
  const { again } = await receive(room, await join(room), producer, decrypt(key));
  for (const picture of await decodePictures(room, again)) {
    assert.ok(colourDistance(meanColour(picture), colours.red) < 24);
  }
});

test('sound that was encrypted is heard by who has the key', async (t) => {
  const room = await openRoom(t);
  const key = await keyOf('secret');
  const producer = await send(await join(room), 'audio', 'audio/opus', encrypt(key));
  const { again } = await receive(room, await join(room), producer, decrypt(key));
  assert.equal(strongestTone(await decodeSound(room, again)).frequency, 440);
});

test('who has another key sees nothing, and goes on', async (t) => {
  const room = await openRoom(t);
  const producer = await send(
    await join(room),
    'video',
    'video/VP8',
    encrypt(await keyOf('secret')),
  );
  const wrong = decrypt(await keyOf('another'));
  let tried = 0;
  let decrypted = 0;
  const bob = await join(room);
  const { consumer, again } = await receive(room, bob, producer, async (frame) => {
    tried += 1;
    const done = await wrong(frame);
    if (done) decrypted += 1;
    return done;
  });
  await until('frames', () => tried > 20);
  assert.equal(decrypted, 0);
  assert.equal(await outbound(again, 'framesSent'), 0);
  assert.equal(consumer.track.readyState, 'live');

  // Frames that are encrypted still, with no one to decrypt them, end nothing either.
  let passed = 0;
  const eve = await join(room);
  const open = await receive(room, eve, producer, () => (passed += 1) > 0);
  await decodePictures(room, open.again, { timeoutMs: 3000 }).catch(() => undefined);
  await until('frames', () => passed > 20);
  assert.equal(open.consumer.track.readyState, 'live');
});

for (const mimeType of ['video/VP8', 'video/VP9', 'audio/opus']) {
  test(`${mimeType}: bytes behind each frame arrive`, async (t) => {
    const room = await openRoom(t);
    const kind = mimeType.startsWith('audio') ? 'audio' : 'video';
    const label = Buffer.alloc(8);
    let sent = 0;
    const producer = await send(await join(room), kind, mimeType, (frame) => {
      label.writeDoubleBE((sent += 1));
      frame.data = new Uint8Array(Buffer.concat([Buffer.from(frame.data), label])).buffer;
      return true;
    });
    const seen: number[] = [];
    const { again } = await receive(room, await join(room), producer, (frame) => {
      const data = Buffer.from(frame.data);
      seen.push(data.readDoubleBE(data.length - 8));
      frame.data = frame.data.slice(0, -8);
      return true;
    });
    await until('frames', () => seen.length > 20);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    assert.equal(new Set(seen).size, seen.length);
    if (kind === 'video') assert.equal((await decodePictures(room, again)).length, 5);
  });
}

test('frames tell what they are', async (t) => {
  const room = await openRoom(t);
  const told: Record<string, Frame[]> = { sender: [], receiver: [] };
  const tell = (side: string) => (frame: Frame) => {
    told[side]?.push(frame);
    return true;
  };
  const alice = await join(room);
  const producer = await send(alice, 'video', 'video/VP8', tell('sender'));
  const bob = await join(room);
  const { consumer } = await receive(room, bob, producer, tell('receiver'));
  await until('frames at both ends', () => Number(told['receiver']?.length) > 20);
  for (const [side, parameters] of [
    ['sender', producer.rtpParameters],
    ['receiver', consumer.rtpParameters],
  ] as const) {
    const frames = told[side] as RTCEncodedVideoFrame[];
    assert.ok(frames.some(({ type }) => type === 'key'));
    assert.ok(frames.some(({ type }) => type === 'delta'));
    let last: RTCEncodedVideoFrame | undefined;
    for (const frame of frames) {
      const metadata = frame.getMetadata();
      assert.equal(metadata.synchronizationSource, parameters.encodings?.[0]?.ssrc);
      assert.equal(metadata.payloadType, parameters.codecs[0]?.payloadType);
      assert.equal(metadata.mimeType, 'video/VP8');
      assert.equal(metadata.rtpTimestamp, frame.timestamp);
      assert.deepEqual(metadata.contributingSources, []);
      // The server passes no dependency descriptor on.
      assert.equal('frameId' in metadata, side === 'sender');
      if (last) {
        const step = (frame.timestamp - last.timestamp + 2 ** 32) % 2 ** 32;
        assert.ok(step > 0 && step < 90_000 * 5, `a step of ${step}`);
        if (side === 'sender') {
          assert.ok(Number(metadata.frameId) > Number(last.getMetadata().frameId));
        }
      }
      last = frame;
    }
  }
});

test('received sound tells its sequence numbers', async (t) => {
  const room = await openRoom(t);
  const producer = await send(await join(room), 'audio', 'audio/opus', () => true);
  const numbers: number[] = [];
  await receive(room, await join(room), producer, (frame) => {
    const metadata = frame.getMetadata();
    numbers.push('sequenceNumber' in metadata ? (metadata.sequenceNumber ?? -1) : -1);
    return true;
  });
  await until('sound', () => numbers.length > 20);
  for (const [index, number] of numbers.entries()) {
    if (index > 0) assert.equal(number, (Number(numbers[index - 1]) + 1) % 65536);
  }
});

test('each encoding of simulcast goes through by itself', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const seen = new Map<string, Set<number>>();
  const producer = await transport.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
    codec: codecOf(alice.device, 'video/VP8'),
    encodings: [{ scaleResolutionDownBy: 2 }, { scaleResolutionDownBy: 1 }],
    onRtpSender: (sender) => {
      through(sender, (frame) => {
        const { rid = '', synchronizationSource } = (frame as RTCEncodedVideoFrame).getMetadata();
        seen.set(rid, (seen.get(rid) ?? new Set()).add(synchronizationSource));
        return true;
      });
    },
  });
  await until('both encodings', () => seen.size === 2);
  for (const { rid = '', ssrc = 0 } of producer.rtpParameters.encodings ?? []) {
    assert.deepEqual([...(seen.get(rid) ?? [])], [ssrc]);
  }
  assert.equal((await decodePictures(room, producer)).length, 5);
});

test('what is dropped does not arrive, and what refers to nothing that was is decoded', async (t) => {
  const room = await openRoom(t);
  let heard = 0;
  let dropped = 0;
  const every = randomInt(3, 8);
  const producer = await send(await join(room), 'audio', 'audio/opus', () => {
    const drop = (heard += 1) % every === 0;
    if (drop) dropped += 1;
    return !drop;
  });
  await decodeSound(room, producer);
  const packetsSent = await outbound(producer, 'packetsSent');
  assert.ok(dropped > 0);
  assert.ok(packetsSent <= heard - dropped + 1, `${packetsSent} of ${heard} without ${dropped}`);
});

test('an app that does not read loses pictures, and goes on at a keyframe when it does', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(alice.device, 'video/VP8'),
  });
  // Another producer of the same client is not held up by it.
  const other = await transport.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  assert.ok(producer.rtpSender instanceof RTCRtpSender);
  const { readable, writable } = producer.rtpSender.createEncodedStreams();
  assert.throws(() => (producer.rtpSender as RTCRtpSender).createEncodedStreams(), {
    name: 'InvalidStateError',
  });
  assert.equal(strongestTone(await decodeSound(room, other, { seconds: 3 })).frequency, 440);
  readable.pipeTo(writable).catch(() => undefined);
  assert.equal((await decodePictures(room, producer)).length, 5);
});

test('after the end readable closes, and what is written goes nowhere', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const frames: Frame[] = [];
  const transport = await alice.createSendTransport();
  const producer = await transport.produce({
    track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
  });
  assert.ok(producer.rtpSender instanceof RTCRtpSender);
  const { readable, writable } = producer.rtpSender.createEncodedStreams();
  const reader = readable.getReader();
  for (let i = 0; i < 3; i++) {
    const { value } = await reader.read();
    assert.ok(value);
    frames.push(value);
  }
  producer.close();
  for (;;) if ((await reader.read()).done) break;
  const writer = writable.getWriter();
  for (const frame of frames) await writer.write(frame);
  await assert.rejects(writer.write({} as never), TypeError);
});

test('a frame of another stream goes nowhere, and one is written once', async (t) => {
  const room = await openRoom(t);
  const client = await join(room);
  const transport = await client.createSendTransport();
  const make = async () => {
    let streams: ReturnType<RTCRtpSender['createEncodedStreams']> | undefined;
    const producer = await transport.produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
      // Later, and some of the first frames may have gone straight.
      onRtpSender: (sender) => {
        assert.ok(sender instanceof RTCRtpSender);
        streams = sender.createEncodedStreams();
      },
    });
    assert.ok(streams);
    return { producer, reader: streams.readable.getReader(), writer: streams.writable.getWriter() };
  };
  const [one, two] = [await make(), await make()];
  for (let i = 0; i < 5; i++) {
    const { value } = await one.reader.read();
    assert.ok(value);
    await two.writer.write(value);
    await one.writer.write(value);
    await one.writer.write(value);
  }
  const sent = ({ producer }: typeof one) => outbound(producer, 'framesSent');
  await until('the frames were sent', async () => (await sent(one)) >= 5);
  assert.equal(await sent(one), 5);
  assert.equal(await sent(two), 0);
});

test('an app that holds as many frames as it may is told why no more come', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const transport = await alice.createSendTransport(asInBrowsers);
  const track = fileTrack('audio', 'red-440hz.mp4', { loop: true, decode: true });
  const { rtpSender } = await transport.produce({ track });
  assert.ok(rtpSender instanceof RTCRtpSender);
  const reader = rtpSender.createEncodedStreams().readable.getReader();
  assert.equal((await reader.read()).done, false);
  const data = new Uint8Array(1);
  const what = { format: 'u8', sampleRate: 8000, timestamp: 0, data } as const;
  const held: AudioData[] = [];
  const full = { name: 'OperationError', code: 'ERR_BUFFER_FULL', message: /close\(\)/ };
  try {
    assert.throws(() => {
      for (;;) held.push(new AudioData({ ...what, numberOfFrames: 1, numberOfChannels: 1 }));
    }, full);
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    }, full);
  } finally {
    for (const each of held) each.close();
  }
});
