import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTrack, join, openRoom, until } from './session.js';
import { Relay } from './support/relay.mjs';

// First byte of a DTLS record (RFC 9443).
const isHandshake = ([first = 0]: Buffer) => first >= 20 && first <= 63;

for (const direction of ['up', 'down'] as const) {
  test(`a handshake goes on soon where packets on the way ${direction} are lost`, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const relay = new Relay();
    t.after(() => relay.close());
    const way = relay[direction];
    const carry = way.carry.bind(way);
    let firstAt = 0;
    let open = false;
    let lost = 0;
    way.carry = (packet, deliver) => {
      if (!isHandshake(packet) || open) {
        carry(packet, deliver);
        return;
      }
      firstAt ||= performance.now();
      // 0, 0.1, 0.3, 0.7 and 1.5 s, and by a timer that begins with 1 s: 0, 1, 3, 7 and 15 s.
      open = performance.now() - firstAt > 1000;
      if (open) {
        carry(packet, deliver);
        return;
      }
      lost++;
      return undefined;
    };
    const sending = await alice.createSendTransport({ relay });
    await sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) });
    await until('a connection', () => sending.connectionState === 'connected', {
      timeoutMs: 20_000,
    });
    assert.ok(lost >= 4, `${lost} packets were lost`);
  });
}
