// The waist, measured: node --import tsx bench/waist/run.ts
import { openHooked } from '../../test/hooks/load.js';
import {
  callNanoseconds,
  eventsPerSecond,
  messagesPerSecond,
  naiveMessagesPerSecond,
  requestMicroseconds,
  requestsPerSecond,
} from './measure.js';
import { loadNaiveEcho } from './naive.js';

const MESSAGE_BYTES = 1200;
const TARGET = 400_000;

const bridge = openHooked();
bridge.ref();
const naive = await naiveMessagesPerSecond(loadNaiveEcho(), MESSAGE_BYTES);
const ours = await messagesPerSecond(bridge, MESSAGE_BYTES);

const rows: [string, string][] = [
  ['a call that reads a number', `${(await callNanoseconds(bridge)).toFixed(0)} ns`],
  ['one request, there and back (median)', `${(await requestMicroseconds(bridge)).toFixed(1)} us`],
  ['requests', perSecond(await requestsPerSecond(bridge))],
  ['events', perSecond(await eventsPerSecond(bridge))],
  ['messages of 1,200 bytes through Go and back', perSecond(ours)],
  ['  one thread-safe call each, no Go', perSecond(naive)],
  ['times the thread-safe call each', (ours / naive).toFixed(1)],
  [`target of ${TARGET.toLocaleString('en')} /s`, ours >= TARGET ? 'reached' : 'missed'],
];
bridge.unref();
const width = Math.max(...rows.map(([name]) => name.length));
for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value.padStart(14)}`);

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en')} /s`;
}
