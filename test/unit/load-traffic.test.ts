// What a bot sees of its transports, of reports as getStats() has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { Traffic } from '../../lib/cli/load/Traffic.js';

type Entry = Record<string, unknown> & { id: string };

function trafficOf(...entries: Entry[]): Traffic {
  const report = new Map(entries.map((entry) => [entry.id, entry]));
  const transport = { id: 'transport', closed: false, getStats: () => Promise.resolve(report) };
  return new Traffic(() => [transport as unknown as types.Transport], new Set());
}

const sound: Entry = {
  ...{ id: 'inbound-rtp-1', type: 'inbound-rtp', kind: 'audio', mid: '0' },
  ...{ packetsReceived: 75, packetsLost: 25 },
};

test('what is lost of media is told', async () => {
  const traffic = trafficOf(sound);
  await traffic.read();
  assert.equal(traffic.loss, 25);
});

test('the probes of the server are no media, though their numbers jump', async () => {
  const probes = { kind: 'video', mid: 'probator', packetsReceived: 32, packetsLost: 18_503 };
  const traffic = trafficOf(sound, { ...sound, ...probes, id: 'inbound-rtp-1234' });
  await traffic.read();
  assert.equal(traffic.loss, 25);
  const alone = trafficOf({ ...sound, ...probes, id: 'inbound-rtp-1234' });
  await alone.read();
  assert.equal(alone.loss, undefined);
});
