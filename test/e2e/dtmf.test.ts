// Tones of a telephone: why there are none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup';
import { fileTrack, join, openRoom, until } from './session.js';
import { PCMU, plainSender } from './support/plain-sender.mjs';

const TELEPHONE_EVENT = 101;
const mediaCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000 },
  {
    kind: 'audio',
    mimeType: 'audio/telephone-event',
    clockRate: 8000,
    preferredPayloadType: TELEPHONE_EVENT,
  },
];
const codecs = [
  PCMU,
  { mimeType: 'audio/telephone-event', payloadType: TELEPHONE_EVENT, clockRate: 8000 },
];

/** How many packets came of each payload type. */
class Counts {
  sound = 0;
  events = 0;

  add(payloadType: number): void {
    if (payloadType === TELEPHONE_EVENT) this.events += 1;
    else this.sound += 1;
  }
}

test('a server negotiates telephone events and takes them, and passes none on to any consumer', async (t) => {
  const room = await openRoom(t, { mediaCodecs });
  const other = await openRoom(t, { mediaCodecs });
  const { producer, play } = await plainSender(t, room.server, { codecs });

  const taken = new Counts();
  producer.on('trace', ({ info }) => {
    taken.add((info as { rtpPacket: { payloadType: number } }).rtpPacket.payloadType);
  });
  await producer.enableTraceEvent(['rtp']);

  const tap = await room.plainTap(producer);
  const negotiated = tap.consumer.rtpParameters.codecs.map(({ mimeType }) => mimeType);
  assert.deepEqual(negotiated, ['audio/PCMU', 'audio/telephone-event']);
  const plain = new Counts();
  tap.on('packet', ({ payloadType }) => plain.add(payloadType));

  const transport = await room.router.createDirectTransport();
  const consumer = await transport.consume({
    producerId: producer.id,
    rtpCapabilities: room.router.rtpCapabilities,
  });
  const direct = new Counts();
  consumer.on('rtp', (packet) => direct.add((packet[1] ?? 0) & 0x7f));

  const { pipeProducer } = await room.router.pipeToRouter({
    producerId: producer.id,
    router: other.router,
  });
  assert.ok(pipeProducer);
  const piped = new Counts();
  pipeProducer.on('trace', ({ info }) => {
    piped.add((info as { rtpPacket: { payloadType: number } }).rtpPacket.payloadType);
  });
  await pipeProducer.enableTraceEvent(['rtp']);

  let count = 0;
  play(() => {
    count += 1;
    // Digit 5, at 10 dB below full scale.
    const payload = Buffer.from([5, 10, 0, 160]);
    return count % 2 === 0 ? {} : { payloadType: TELEPHONE_EVENT, payload };
  });
  const all = [plain, direct, piped];
  await until('packets', () => taken.events > 25 && all.every(({ sound }) => sound > 25));
  for (const { events } of all) assert.equal(events, 0);
});

test('a sender of sound says why it can insert no tones; one of video has no way to', async (t) => {
  const room = await openRoom(t, {
    mediaCodecs: [
      ...mediaCodecs,
      { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
    ] as types.RouterRtpCodecCapability[],
  });
  const alice = await join(room);
  const transport = await alice.createSendTransport();
  const video = await transport.produce({ track: fileTrack('video', 'blue.mp4') });
  assert.equal(video.rtpSender?.dtmf, null);
  const audio = await transport.produce({ track: fileTrack('audio', 'tone.wav', { loop: true }) });
  const dtmf = audio.rtpSender?.dtmf;
  assert.ok(dtmf);
  assert.equal(dtmf.canInsertDTMF, false);
  assert.equal(dtmf.toneBuffer, '');
  dtmf.ontonechange = () => assert.fail('there is no tone');
  for (const tones of ['1', '', 'x']) {
    assert.throws(() => dtmf.insertDTMF(tones), {
      name: 'InvalidStateError',
      message: /mediasoup passes no telephone events/,
    });
  }
  assert.equal(audio.rtpSender.dtmf, dtmf);
});
