// What SRTP and the server agree on, told by what each packet is longer than its media: the tag of AES-GCM has 16 bytes
// (RFC 7714), that of HMAC-SHA1-80 has 10 (RFC 3711).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdditionalSettings } from 'mediasoup-client-pion';
import { fileTrack, join, openRoom, until } from './session.js';
import { parseRtp } from './support/plain-tap.mjs';
import type { RtpPacket } from './support/room.mjs';
import { Relay } from './support/relay.mjs';

for (const [srtpProfiles, tag] of [
  [undefined, 16],
  [['SRTP_AEAD_AES_256_GCM'], 16],
  [['SRTP_AEAD_AES_128_GCM'], 16],
  [['SRTP_AES128_CM_HMAC_SHA1_80'], 10],
] as const) {
  test(`SRTP with the server, offering ${srtpProfiles?.join() ?? 'the defaults'}: ${tag} bytes of tag`, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const relay = new Relay();
    t.after(() => relay.close());
    // Their headers are not encrypted.
    const sealed = new Map<number, number>();
    const carry = relay.up.carry.bind(relay.up);
    relay.up.carry = (message, deliver) => {
      const packet = parseRtp(message) as RtpPacket | undefined;
      if (packet) sealed.set(packet.timestamp, packet.payload.length);
      carry(message, deliver);
    };
    const additionalSettings: AdditionalSettings = srtpProfiles
      ? { srtpProfiles: [...srtpProfiles] }
      : {};
    const sending = await alice.createSendTransport({ relay, client: { additionalSettings } });
    const track = fileTrack('audio', 'red-440hz.mp4', { loop: true });
    const producer = await sending.produce({ track });
    const tap = await room.plainTap(producer);
    const tags: number[] = [];
    tap.on('packet', ({ timestamp, payload }) => {
      const length = sealed.get(timestamp);
      if (length !== undefined) tags.push(length - payload.length);
    });
    await until('packets', () => tags.length > 10);
    assert.deepEqual([...new Set(tags)], [tag]);
    const report = (await sending.getStats()) as unknown as Map<string, Record<string, unknown>>;
    const transport = [...report.values()].find(({ type }) => type === 'transport');
    assert.equal(transport?.['tlsVersion'], 'FEFD');
    assert.match(String(transport['dtlsCipher']), /^TLS_ECDHE_.*_WITH_/);
    assert.ok(Number(transport['selectedCandidatePairChanges']) >= 1);
  });
}
