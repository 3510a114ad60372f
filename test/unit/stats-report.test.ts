import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StatsEntry } from '../../lib/StatsReport.js';
import { StatsReport } from '../../lib/StatsReport.js';

const entries: StatsEntry[] = [
  { id: 'T01', type: 'transport', timestamp: 1_700_000_000_000, bytesSent: 7 },
  { id: 'OT1', type: 'outbound-rtp', timestamp: 1_700_000_000_000, packetsSent: 3 },
];

it('a stats report is a Map, in the order of its entries', () => {
  const report: RTCStatsReport = new StatsReport(entries);
  assert.ok(report instanceof Map);
  assert.equal(report.size, 2);
  assert.deepEqual([...report.keys()], ['T01', 'OT1']);
  assert.deepEqual(report.get('OT1'), entries[1]);
  const types: string[] = [];
  report.forEach((entry: { type: string }) => types.push(entry.type));
  assert.deepEqual(types, ['transport', 'outbound-rtp']);
});

it('a stats report says that it is one', () => {
  assert.equal(Object.prototype.toString.call(new StatsReport()), '[object RTCStatsReport]');
});

it('a stats report survives a structured clone as a Map', () => {
  assert.deepEqual(
    structuredClone(new StatsReport(entries)),
    new Map(entries.map((e) => [e.id, e])),
  );
});
